"""A stand-in for the platforms: a seeded world that speaks their wire shapes, and a ledger of the truth about it.

    shows        what a show is: a folder with a constant `SHOW`, found by itself; cli, server, control play them
    timeline     how long a world lasts, and the clock that plays it
    faults, sender     what goes wrong, and how anything is posted to the pipeline

    population, posts, authorship, world, acts     who there is, what they can do, and the true state
    occasions, story, planning                     what happens at any seed, in order of time, and what was planned
    happenings, wire, malformed, outbox            how it is told
    simulation, social                             one run of a world of posts, and the show of it
    meta, graph/                                   how Meta posts, and the API that is polled
    facebook/, instagram/, bluesky/ and so on      what is a platform's own in all of this

    market/      no posts: ad accounts, shops, and who comes to the sites of a brand

    ledger/      what must come out, computed apart from the pipeline

Demo, tests and benchmarks run on it. The pipeline itself never imports it.
"""
