"""The processor as docker-compose.yml starts it, over the workload that already lies in Kafka."""

from bench.loaded import Loaded
from bench.report import Figure, Outcome


def run(loaded: Loaded) -> Outcome:
    events, wrong = loaded.sizes.events, 0
    spans = []
    for number in range(loaded.sizes.runs):
        if number:
            loaded.reset()
        spans.append(loaded.process())
        wrong += loaded.wrong_rows()
    millions = events / 1e6
    figures = [
        Figure("CPU of the whole process", "s a million events", [s.whole_cpu / millions for s in spans], at_most=12),
        Figure("CPU from the first record to the last", "s a million events", [s.cpu / millions for s in spans]),
        Figure("events, by wall time", "a second", [events / s.seconds for s in spans], at_least=80_000),
        Figure("events, by CPU time: one core to itself", "a second", [events / s.cpu for s in spans]),
    ]
    return Outcome("processor", events, loaded.oracle.rows * len(spans), wrong, figures)
