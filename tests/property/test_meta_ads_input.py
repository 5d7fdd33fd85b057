"""Laws of what the Marketing API answers: whatever comes in, something comes out; one fact is counted once."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts import codec
from contracts.outcome import Keep, Refuse
from contracts.paid import AdEntity, AdFact
from contracts.reasons import DEAD_LETTERS
from ingest.meta.listing import page
from ingest.platforms import Answer, Failure, Part, PollFailed
from ingest.platforms.meta_ads import actions, entities, facts
from ingest.platforms.meta_ads.errors import failure
from ingest.platforms.meta_ads.facts import Asked
from ingest.platforms.meta_ads.unchanged import Unchanged, digest_of, subject_of
from ingest.platforms.meta_ads.usage import usage
from tests.property.test_facebook_input import anything
from tests.unit.ingest.ads import AS_OF, TODAY, account, ad_facts, answered, receipt, row, rows

FIELDS = (
    "ad_id adset_id campaign_id account_id account_currency date_start date_stop impressions reach clicks spend "
    "actions action_values age gender inline_link_clicks attribution_setting id name status effective_status "
    "daily_budget start_time stop_time creative account_status currency timezone_name "
)
numbers = st.sampled_from(("0", "1", "12.5", "-1", "x", "9" * 40, 1, 1.5, True, None))
action = st.fixed_dictionaries(
    {"action_type": st.sampled_from(("omni_purchase", "purchase", "lead", "post_reaction", "comment")) | anything},
    optional=dict.fromkeys(("value", "1d_view", "7d_click", "other"), numbers | anything),
)
values = numbers | anything | st.lists(action | anything, max_size=4) | st.sampled_from(("2026-09-20", "EUR"))
items = st.dictionaries(st.sampled_from(FIELDS.split()), values, max_size=8)
documents = st.one_of(
    anything,
    st.fixed_dictionaries({"data": st.lists(items | items.map(lambda more: row() | more) | anything, max_size=4)}),
)


def read(answer: Answer) -> list[Part]:
    """Everything that any of the readings would make of an answer."""
    found = [entities.of_account(account(), answer)]
    try:
        listing = page(answer)
    except PollFailed:
        return found
    found += facts.of_page(Asked(account(), "ad", TODAY), listing, answer)
    found += facts.of_page(Asked(account(), "campaign", TODAY, is_lifetime=True), listing, answer)
    for edge in entities.KINDS:
        found += entities.of_page(account(), edge, listing, answer)
    return found


def checked(found: list[Part]) -> None:
    for part in found:
        match part.outcome:
            case Keep(fact):
                assert isinstance(fact, AdFact | AdEntity)
                assert codec.decoder(type(fact))(codec.encode(fact)) == fact
                assert b"\\u0000" not in codec.encode(fact)
            case Refuse(reason, _):
                assert reason in DEAD_LETTERS
                assert part.body
            case other:
                raise AssertionError(other)


@given(st.binary(max_size=200))
def test_any_bytes_become_outcomes(body: bytes) -> None:
    if body:
        checked(read(Answer(body, AS_OF, receipt())))


@given(documents)
def test_any_json_becomes_outcomes(document: object) -> None:
    checked(read(answered(document)))


@given(st.integers(100, 599), st.binary(max_size=200) | anything.map(lambda found: answered(found).body))
def test_any_error_calls_for_something(status: int, body: bytes) -> None:
    found = failure(status, body)
    assert found is None or isinstance(found, Failure)
    assert found is not None or status == 200


@given(st.dictionaries(st.sampled_from(("x-ad-account-usage", "x-app-usage")), st.text(st.characters(codec="utf-8"))))
def test_any_header_is_a_limit_or_none(headers: dict[str, str]) -> None:
    found = usage(headers)
    assert found is None or found.ratio >= 0


@given(st.sampled_from(sorted(actions.FAMILIES)), st.data())
def test_however_often_one_purchase_is_told_it_counts_once(family: str, data: st.DataObject) -> None:
    types = data.draw(st.lists(st.sampled_from(actions.FAMILIES[family]), min_size=1, unique=True))
    counts = {kind: data.draw(st.integers(0, 1000)) for kind in types}
    told = [{"action_type": kind, "value": str(count)} for kind, count in counts.items()]
    (fact,) = ad_facts(rows(row(actions=data.draw(st.permutations(told)))))
    (result,) = [one for one in fact.results if one.family == family]
    best = min(types, key=actions.FAMILIES[family].index)
    assert result.count_micros == counts[best] * 1_000_000


@given(st.lists(st.tuples(st.sampled_from(("a1", "a2", "a3")), st.integers(0, 3)), max_size=12))
def test_what_is_let_through_is_what_differs_from_the_last_time(told: list[tuple[str, int]]) -> None:
    seen = Unchanged({}, ["ad@day:2026-09-20"])
    last: dict[str, int] = {}
    expected, passed = [], []
    for name, spend in told:
        (part,) = rows(row(name, spend=str(spend)))
        passed += [(one.entity_id, one.spend_micros) for one in ad_facts(seen.news([part]))]
        if last.get(name) != spend:
            expected.append((name, spend * 1_000_000))
        last[name] = spend
    assert passed == expected


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.text())
def test_a_digest_does_not_know_when_it_was_made(as_of: int, received_at: int, run: str) -> None:
    (fact,) = ad_facts(rows(row()))
    changed: dict[str, Any] = {"as_of": AS_OF + as_of, "received_at": received_at, "run_id": run}
    values = {name: getattr(fact, name) for name in fact.__struct_fields__}
    later = AdFact(**values | changed)
    assert digest_of(later) == digest_of(fact)
    assert subject_of(later) == subject_of(fact) == "ad@day:2026-09-20"
    assert digest_of(AdFact(**values | {"spend_micros": fact.spend_micros + 1})) != digest_of(fact)
