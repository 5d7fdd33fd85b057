"""Instagram in the simulated world: accounts whose comments are pushed without times, and whose removals never are.

world, acts     media with counters that nobody's name is behind; what people do there
wire, malformed how it is pushed, in each of the envelopes that are in use
listings        what a reader of complete listings can come to know
api             the API that is polled
"""
