"""Business figures: absolute, bounded in number, and harmless to the exposition."""

import msgspec
from msgspec.structs import replace
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from contracts import codec, identity, metrics
from contracts.health import SourceHealth
from contracts.metrics import Metric
from contracts.tables import account_metrics_day, engagement_anomalies, engagement_by_account_day, inbound_comments
from sinks.prometheus import samples
from sinks.prometheus.conversation import CommentRow
from sinks.prometheus.exporter import FiguresCollector
from sinks.prometheus.samples import (
    ANOMALIES,
    COMMENTS,
    DAYS,
    FIGURES,
    HOURS,
    AccountFigures,
    AnomalyRow,
    DayRow,
    FigureRow,
)
from sinks.prometheus.sources import SourceFigures
from sinks.records import Place


def put_day(figures: AccountFigures, account: str, day: str, **counts: int) -> None:
    figures.apply(DAYS, identity.join_key("facebook", account, day).encode(), msgspec.json.encode(counts))


def put_followers(
    figures: AccountFigures, account: str, day: str, value: int | None, metric: str = "followers"
) -> None:
    key = identity.join_key("facebook", account, metric, "total", day).encode()
    figures.apply(FIGURES, key, msgspec.json.encode({"value": value}))


def put_hour(figures: AccountFigures, account: str, hour: int) -> None:
    figures.apply(HOURS, identity.join_key("facebook", account, str(hour)).encode(), b'{"likes": 1}')


def put_anomaly(figures: AccountFigures, account: str, subject: str, hour: int, z: float | None) -> None:
    key = identity.join_key("facebook", account, "post", subject, str(hour)).encode()
    figures.apply(ANOMALIES, key, None if z is None else msgspec.json.encode({"z": z}))


def put_comment(figures: AccountFigures, comment: str, day: int, **values: object) -> None:
    key = identity.join_key("facebook", "1", comment).encode()
    figures.apply(COMMENTS, key, msgspec.json.encode({"asked_at": day * 86_400_000, **values}))


def shown(figures: AccountFigures, metric: Metric) -> dict[tuple[str, ...], float]:
    return {sample.labels: sample.value for found, series in figures.samples() if found is metric for sample in series}


def test_totals_are_the_sum_of_the_days_however_often_a_day_is_said() -> None:
    figures = AccountFigures()
    put_day(figures, "1", "2026-09-01", likes=5, likes_removed=1)
    put_day(figures, "1", "2026-09-01", likes=7, likes_removed=2)
    put_day(figures, "1", "2026-09-02", likes=3, follows=1)
    added, removed = shown(figures, metrics.INTERACTIONS), shown(figures, metrics.REMOVALS)
    assert added["facebook", "1", "likes"] == 10
    assert added["facebook", "1", "follows"] == 1
    assert removed["facebook", "1", "likes"] == 2
    figures.apply(DAYS, b"facebook|1|2026-09-01", None)
    assert shown(figures, metrics.INTERACTIONS)["facebook", "1", "likes"] == 3


def test_what_a_platform_never_sends_has_no_series() -> None:
    figures = AccountFigures()
    counts = msgspec.json.encode({"likes": 0, "comments": 2, "mentions": 3, "mentions_removed": 1})
    figures.apply(DAYS, identity.join_key("instagram", "1", "2026-09-01").encode(), counts)
    put_day(figures, "2", "2026-09-01", likes=1)
    added = shown(figures, metrics.INTERACTIONS)
    assert {kind: n for (platform, _, kind), n in added.items() if platform == "instagram"} == {
        "comments": 2,
        "mentions": 3,
    }
    assert {kind for platform, _, kind in added if platform == "facebook"} == {*samples.KINDS} - {"mentions"}
    assert shown(figures, metrics.REMOVALS)["instagram", "1", "mentions"] == 1


def test_people_are_those_of_the_newest_day_and_followers_the_last_known() -> None:
    figures = AccountFigures()
    put_day(figures, "1", "2026-09-02", unique_engagers=4)
    put_day(figures, "1", "2026-09-01", unique_engagers=9)
    put_followers(figures, "1", "2026-09-01", 100)
    put_followers(figures, "1", "2026-09-02", 200)
    put_followers(figures, "1", "2026-09-03", None)
    put_followers(figures, "1", "2026-09-03", 7, metric="views")
    assert shown(figures, metrics.UNIQUE_ENGAGERS_TODAY) == {("facebook", "1"): 4}
    assert shown(figures, metrics.FOLLOWERS) == {("facebook", "1"): 200}


def test_a_spike_is_shown_for_as_long_as_its_hour_is_the_newest() -> None:
    figures = AccountFigures()
    put_hour(figures, "1", 3_600_000)
    assert shown(figures, metrics.SPIKE) == {("facebook", "1"): 0}
    put_anomaly(figures, "1", "p1", 3_600_000, 4.5)
    put_anomaly(figures, "1", "p2", 3_600_000, 11.25)
    put_anomaly(figures, "1", "p3", 0, 99)
    assert shown(figures, metrics.SPIKE) == {("facebook", "1"): 11.25}
    put_anomaly(figures, "1", "p2", 3_600_000, None)
    assert shown(figures, metrics.SPIKE) == {("facebook", "1"): 4.5}
    put_hour(figures, "1", 7_200_000)
    assert shown(figures, metrics.SPIKE) == {("facebook", "1"): 0}


def test_an_anomaly_may_come_before_the_row_of_its_hour() -> None:
    figures = AccountFigures()
    put_anomaly(figures, "1", "p1", 3_600_000, 4.5)
    put_hour(figures, "1", 3_600_000)
    assert shown(figures, metrics.SPIKE) == {("facebook", "1"): 4.5}


def test_beyond_the_limit_the_greatest_spike_stands_for_the_others() -> None:
    figures = AccountFigures()
    for number in range(1500):
        put_anomaly(figures, f"{number:05}", "p1", 3_600_000, float(number))
    series = shown(figures, metrics.SPIKE)
    assert len(series) <= samples.SERIES
    assert series["facebook", samples.OTHER] == 1499


def test_comments_are_shown_answered_or_waiting_by_the_day_before_the_newest_and_the_week_before_that() -> None:
    figures = AccountFigures()
    put_comment(figures, "newest", 20, needs_answer=True)
    put_comment(figures, "a", 19, needs_answer=True)
    put_comment(figures, "b", 19, needs_answer=True)
    put_comment(figures, "hidden", 19)
    put_comment(figures, "c", 12, answered_at=1)
    put_comment(figures, "too old", 11, answered_at=1)
    put_comment(figures, "a", 19, answered_at=1)
    answered, waiting = metrics.COMMENTS_ANSWERED, metrics.COMMENTS_WAITING
    assert shown(figures, answered) == {("facebook", "1", "day"): 1, ("facebook", "1", "week"): 1}
    assert shown(figures, waiting) == {("facebook", "1", "day"): 1, ("facebook", "1", "week"): 0}
    put_comment(figures, "b", 19, is_removed=True, answered_at=1)
    figures.apply(COMMENTS, identity.join_key("facebook", "1", "a").encode(), None)
    assert shown(figures, answered)["facebook", "1", "day"] == 0
    assert shown(figures, waiting)["facebook", "1", "day"] == 0


def test_what_goes_beyond_the_limit_is_summed_as_other() -> None:
    figures = AccountFigures()
    for number in range(1500):
        put_day(figures, f"{number:05}", "2026-09-01", likes=1, unique_engagers=2)
    for metric, unit in ((metrics.INTERACTIONS, 1), (metrics.UNIQUE_ENGAGERS_TODAY, 2)):
        series = shown(figures, metric)
        assert len(series) <= samples.SERIES
        assert sum(series.values()) == 1500 * unit
        assert any(samples.OTHER in labels for labels in series)


def test_a_record_that_cannot_be_read_changes_nothing() -> None:
    figures = AccountFigures()
    put_day(figures, "1", "2026-09-01", likes=5)
    before = shown(figures, metrics.INTERACTIONS)
    for key, value in (
        (b"facebook|1|2026-09-01", b"not json"),
        (b"facebook|1", b"{}"),
        (b"\xff", b"{}"),
        (None, None),
        (b"facebook|\xed\xa0\x80|2026-09-01", b"{}"),
    ):
        figures.apply(DAYS, key, value)
    assert shown(figures, metrics.INTERACTIONS) == before


def test_the_exposition_is_empty_until_caught_up_and_survives_any_account_name() -> None:
    class Record:
        topic, partition, offset, timestamp, headers = DAYS, 0, 0, 0, ()
        key: bytes | None = identity.join_key("facebook", 'quo"te\nline \\ \u2028', "2026-09-01").encode()
        value: bytes | None = b'{"likes": 3}'

    registry, collector = CollectorRegistry(), FiguresCollector()
    registry.register(collector)
    collector.apply({Place(DAYS, 0): [Record()]})
    assert generate_latest(registry) == b""
    collector.show()
    exposed = generate_latest(registry).decode()
    assert f"# TYPE {metrics.INTERACTIONS.name} counter" in exposed
    assert 'account="quo\\"te\\nline \\\\ \u2028",kind="likes"' in exposed


def test_the_columns_that_are_read_are_declared() -> None:
    for struct, table in (
        (DayRow, engagement_by_account_day.TABLE),
        (FigureRow, account_metrics_day.TABLE),
        (AnomalyRow, engagement_anomalies.TABLE),
        (CommentRow, inbound_comments.TABLE),
    ):
        assert set(struct.__struct_fields__) <= {column.name for column in table.columns}
    assert {f"{kind}_removed" for kind in samples.KINDS} <= set(DayRow.__struct_fields__)


# -- sources -----------------------------------------------------------------------------------------------------

WELL = SourceHealth(1, "facebook:1:posts", "facebook", "1", "poll", "healthy", 9000, 1000, last_success_at=5000)


def put_health(figures: SourceFigures, told: SourceHealth) -> None:
    figures.apply(told.source.encode(), codec.encode(told))


def shown_of(figures: SourceFigures, metric: Metric) -> dict[tuple[str, ...], float]:
    return {sample.labels: sample.value for found, series in figures.samples() if found is metric for sample in series}


def test_a_source_is_well_until_something_is_wrong_with_it() -> None:
    figures, source = SourceFigures(), ("facebook", "1", "posts")
    put_health(figures, WELL)
    assert shown_of(figures, metrics.SOURCE_WELL) == {source: 1.0}
    assert shown_of(figures, metrics.SOURCE_PROBLEMS) == {}
    put_health(figures, replace(WELL, state="failing", problem="token_expired", token_expires_at=1_790_000_007_000))
    assert shown_of(figures, metrics.SOURCE_WELL) == {source: 0.0}
    assert shown_of(figures, metrics.SOURCE_PROBLEMS) == {(*source, "failing", "token_expired"): 1.0}
    assert shown_of(figures, metrics.SOURCE_TOKEN_EXPIRES) == {source: 1_790_000_007.0}
    assert shown_of(figures, metrics.SOURCE_LAST_SUCCESS) == {source: 5.0}


def test_what_is_not_known_of_a_source_has_no_series_and_what_is_gone_has_none() -> None:
    figures = SourceFigures()
    put_health(figures, WELL)
    figures.apply(b"x", b"{")
    assert shown_of(figures, metrics.SOURCE_LEASE_EXPIRES) == {}
    figures.apply(WELL.source.encode(), None)
    assert shown_of(figures, metrics.SOURCE_WELL) == {}


def test_an_account_may_be_called_with_colons() -> None:
    figures = SourceFigures()
    put_health(figures, replace(WELL, source="bluesky:did:plc:a:stream", platform="bluesky", account_id="did:plc:a"))
    assert list(shown_of(figures, metrics.SOURCE_WELL)) == [("bluesky", "did:plc:a", "stream")]


def test_sources_beyond_the_limit_are_shown_together_and_the_worst_of_them_is_seen() -> None:
    figures = SourceFigures()
    for number in range(samples.SERIES + 50):
        account = f"{number:05}"
        told = replace(WELL, source=f"facebook:{account}:posts", account_id=account, last_success_at=number * 1000)
        put_health(figures, replace(told, state="degraded", problem="quiet") if number > samples.SERIES else told)
    well = shown_of(figures, metrics.SOURCE_WELL)
    assert len(well) == samples.SERIES
    assert well["facebook", samples.OTHER, "posts"] == 0.0
    assert shown_of(figures, metrics.SOURCE_LAST_SUCCESS)["facebook", samples.OTHER, "posts"] == samples.SERIES - 1
    assert sum(shown_of(figures, metrics.SOURCE_PROBLEMS).values()) == 49
