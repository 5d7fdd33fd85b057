"""How long a killed processor needs until it folds on: partitions recovered from what it had committed."""

from bench.loaded import OWN_TOPICS, Loaded, await_said, said
from bench.report import Figure, Outcome
from deploy.local import drain

FOLDED = 0.9
"""The part of the workload that is committed when the processor is killed."""


def run(loaded: Loaded) -> Outcome:
    seconds, back = [], []
    records = entries = wrong = 0
    for _ in range(loaded.sizes.runs):
        loaded.reset()
        process = loaded.start_processor()
        known = len(said(process, "partition_recovered"))
        assigned = len(said(process, "partitions_assigned"))
        killed_at = loaded.await_folded(FOLDED)
        process.kill()
        records = sum(loaded.ends(OWN_TOPICS).values())
        back.append(await_said(process, "partitions_assigned", assigned + 1) - killed_at)
        loaded.await_folded()
        loaded.stack.services.pop(drain.PROCESSOR).stop()
        recovered = [fields for _, fields in said(process, "partition_recovered")[known:]]
        seconds.append(max(one["seconds"] for one in recovered))
        entries = sum(sum(one["entries"].values()) for one in recovered)
        wrong += loaded.wrong_rows()
    figures = [
        Figure("all partitions recovered, from their start", "s", seconds),
        Figure("from the kill until it folds on", "s", back),
    ]
    notes = {"records read back": records, "entries in memory": entries}
    return Outcome("recovery", loaded.sizes.events, loaded.oracle.rows * loaded.sizes.runs, wrong, figures, notes)
