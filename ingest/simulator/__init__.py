"""A stand-in for the platforms: a seeded world that speaks their wire shapes, and a ledger of the truth about it.

    timeline     how long a world lasts, and the clock that plays it
    population, posts, authorship, world, acts     who there is, what they can do, and the true state
    occasions, story, planning                     what happens at any seed, in order of time, and what was planned
    happenings, wire, malformed, outbox, faults    how it is told, and what goes wrong with that
    sender, graph/                                 the two edges: pushed webhooks, the API that is polled
    instagram/                                     what is Instagram's own in all of this
    simulation, shows, control, server, cli        one run of it, on one platform or several
    ledger/      what must come out, computed apart from the pipeline

Demo, tests and benchmarks run on it. The pipeline itself never imports it.
"""
