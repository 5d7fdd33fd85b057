"""The benchmark's workload tells the same in both of its forms, and does what it says."""

from collections import Counter

from bench import workload
from contracts.outcome import Keep
from ingest.identity import pseudonymiser
from ingest.platforms import Receipt
from ingest.platforms.facebook.parse import parse


def test_a_delivery_of_the_workload_is_parsed_into_its_events() -> None:
    events = workload.Events("a key")
    accounts = {account.id: account for account in workload.config().accounts}
    for act in workload.acts(2_000):
        expected = events.of(act)
        receipt = Receipt(
            received_at=act.sent_at,
            channel="webhook",
            source_id=expected.source_id or "",
            accounts=accounts,
            pseudonym=pseudonymiser("a key", "facebook"),
            visitor=str,
            customer=str,
        )
        (part,) = parse(workload.delivery([act]), receipt)
        assert part.outcome == Keep(expected)


def test_shares_of_kinds_are_as_described() -> None:
    acts = list(workload.acts(20_000))
    assert acts == list(workload.acts(20_000))
    new = [act for act in acts if act.action == "add"]
    kinds = Counter(act.kind for act in new)
    assert 0.78 < kinds["reaction"] / len(new) < 0.82
    assert 0.04 < sum(act.action == "remove" for act in acts) / len(acts) < 0.06
