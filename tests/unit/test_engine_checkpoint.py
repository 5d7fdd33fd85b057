"""A checkpoint from which nothing can be continued exactly is refused, with the way out."""

from msgspec.structs import replace

from contracts.codec import encode
from processors.engine import checkpoint as checkpoints
from processors.engine.checkpoint import Checkpoint, Topology

TOPOLOGY = Topology(2, {"source": "id-1", "rows": "id-2"})
GOOD = Checkpoint(1, generation=3, partitions=2, positions={"source": 40}, topic_ids=TOPOLOGY.topic_ids)


def refusals(checkpoint: Checkpoint = GOOD, topology: Topology = TOPOLOGY, beginning: int = 0, end: int = 50) -> str:
    return "; ".join(checkpoints.refusals(checkpoint, topology, {"source": beginning}, {"source": end}))


def test_a_checkpoint_between_beginning_and_end_is_continued() -> None:
    assert refusals() == ""
    assert refusals(beginning=40) == ""
    assert refusals(end=40) == ""


def test_records_that_are_gone_need_their_loss_accepted() -> None:
    assert "source begins at 41, 1 records behind the checkpoint are gone" in refusals(beginning=41)
    assert "--accept-loss" in refusals(beginning=41)


def test_a_log_that_ends_before_the_checkpoint_was_cut() -> None:
    assert "the broker lost records" in refusals(end=39)


def test_a_topic_that_was_created_again_needs_a_rebuild() -> None:
    again = Topology(2, {"source": "another", "rows": "id-2"})
    assert refusals(topology=again) == "source was created again: run `engagement rebuild`"


def test_a_topic_that_a_new_version_adds_needs_a_rebuild() -> None:
    more = Topology(2, {**TOPOLOGY.topic_ids, "more": "id-3"})
    assert refusals(topology=more) == "more is new to this processor: run `engagement rebuild`"


def test_a_changed_partition_count_is_refused() -> None:
    assert "4 partitions and had 2" in refusals(topology=replace_partitions(4))


def test_what_another_version_remembers_in_another_format_needs_a_rebuild() -> None:
    newer = Topology(2, TOPOLOGY.topic_ids, state_format=2)
    assert refusals(topology=newer) == (
        "what it remembers is in format 1, and this version reads format 2: run `engagement rebuild`"
    )
    for checkpoint in (checkpoints.first(newer, {"source": 0}), checkpoints.rebuilt(4, newer, {"source": 0}, {})):
        assert refusals(checkpoint, newer) == ""


def test_a_checkpoint_from_before_formats_were_noted_is_of_the_first() -> None:
    written = encode(GOOD).replace(b',"state_format":1', b"")
    assert checkpoints.decode(written) == GOOD


def test_rows_by_other_rules_need_a_rebuild() -> None:
    before, after = (
        Topology(2, TOPOLOGY.topic_ids, rules=rules) for rules in ("look back 30 days", "look back 7 days")
    )
    checkpoint = checkpoints.first(before, {"source": 0})
    assert refusals(checkpoint, before) == ""
    assert "another configuration" in refusals(checkpoint, after)
    assert refusals(checkpoints.rebuilt(1, after, {"source": 0}, {}), after) == ""
    assert refusals(topology=after) == ""


def replace_partitions(count: int) -> Topology:
    return Topology(count, TOPOLOGY.topic_ids)


def test_a_rebuild_starts_over_and_knows_its_end() -> None:
    after = checkpoints.rebuilt(4, TOPOLOGY, {"source": 0}, {"source": 50})
    assert (after.generation, after.positions, after.rebuild_until) == (4, {"source": 0}, {"source": 50})


def test_a_checkpoint_reads_back_as_it_was_written() -> None:
    for checkpoint in (GOOD, replace(GOOD, rebuild_until={"source": 50})):
        assert checkpoints.decode(encode(checkpoint)) == checkpoint
