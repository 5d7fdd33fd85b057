"""The editorial plan on a real PostgreSQL: what is imported, and what became of it (docs/semantics.md, section 7)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from deploy.local.stack import LocalStack
from runtime.cli import engagement
from sinks.postgres import migrate
from tests.integration.panel_data import put
from tests.integration.sink_run import as_role

Db = psycopg.Connection[dict[str, Any]]
Slot = tuple[str, dt.datetime, int]
Post = tuple[str, dt.datetime]

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def dsn(postgres_dsn: str) -> str:
    migrate.migrate(postgres_dsn)
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO analytics.accounts VALUES"
            " ('facebook', '1', 'b', 'Page', 'Pacific/Auckland', 'NZD', '2026-09-01T00:00Z'),"
            " ('facebook', '2', 'b', 'Other', 'UTC', 'USD', '2026-09-01T00:00Z')"
        )
    return postgres_dsn


@pytest.fixture
def db(dsn: str) -> Iterator[Db]:
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        yield connection
        for table in ("editorial_plan", "posts", "engagement_by_account_minute"):
            connection.execute(f"TRUNCATE analytics.{table}".encode())


def slots(db: Db, given_slots: Sequence[Slot], account: str = "1", pillar: str | None = None) -> None:
    with db.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO analytics.editorial_plan (platform, account_id, slot_id, planned_at, tolerance_minutes,"
            " pillar) VALUES ('facebook', %s, %s, %s, %s, %s)",
            [(account, *slot, pillar) for slot in given_slots],
        )


def posts(db: Db, given_posts: Sequence[Post], account: str = "1", **columns: Any) -> None:
    names = "".join(f", {name}" for name in columns)
    values = ", %s" * len(columns)
    insert = (
        "INSERT INTO analytics.posts (platform, account_id, post_id, published_at, hashtags, mentions, links, version,"
        f" updated_at{names}) VALUES ('facebook', %s, %s, %s, '{{}}', '{{}}', '{{}}', 1, now(){values})"
    )
    with db.cursor() as cursor:
        cursor.executemany(insert.encode(), [(account, *post, *columns.values()) for post in given_posts])


def adherence(db: Db, account: str = "1") -> list[dict[str, Any]]:
    return db.execute(
        "SELECT * FROM analytics.editorial_adherence WHERE account_id = %s"
        " ORDER BY coalesce(planned_at, published_at), slot_id, post_id",
        [account],
    ).fetchall()


def outcomes(db: Db, account: str = "1") -> dict[str, str]:
    return {row["slot_id"] or row["post_id"]: row["outcome"] for row in adherence(db, account)}


# -- matching --------------------------------------------------------------------------------------------------
def matched(plan: Sequence[Slot], published: Sequence[Post]) -> set[tuple[str, str]]:
    """Straight from the text: again and again the best pair of what is left."""
    left_slots, left_posts = list(plan), list(published)
    pairs: set[tuple[str, str]] = set()
    while True:
        within = [
            (abs(at - planned), planned, slot_id, at, post_id, slot, post)
            for slot in left_slots
            for post in left_posts
            for (slot_id, planned, tolerance), (post_id, at) in [(slot, post)]
            if abs(at - planned) <= dt.timedelta(minutes=tolerance)
        ]
        if not within:
            return pairs
        *_, slot, post = min(within)
        left_slots.remove(slot)
        left_posts.remove(post)
        pairs.add((slot[0], post[0]))


moments = st.integers(-40, 40).map(lambda quarter: NOON + dt.timedelta(minutes=15 * quarter))
names = st.text("abAB09_é", min_size=1, max_size=2)
plans = st.lists(
    st.tuples(names, moments, st.sampled_from([0, 15, 60, 720])), max_size=8, unique_by=lambda slot: slot[0]
)
feeds = st.lists(st.tuples(names, moments), max_size=8, unique_by=lambda post: post[0])


@settings(max_examples=150)
@given(plans, feeds)
def test_slots_and_posts_match_as_the_definition_says(dsn: str, plan: list[Slot], published: list[Post]) -> None:
    with psycopg.connect(dsn, row_factory=dict_row) as db:
        slots(db, plan)
        posts(db, published)
        found = adherence(db)
        db.rollback()
    kept = matched(plan, published)
    assert {(row["slot_id"], row["post_id"]) for row in found if row["outcome"] == "kept"} == kept
    assert {row["slot_id"] for row in found if row["slot_id"]} == {slot_id for slot_id, _, _ in plan}
    begins = min((at - dt.timedelta(minutes=tolerance) for _, at, tolerance in plan), default=None)
    ends = max((at + dt.timedelta(minutes=tolerance) for _, at, tolerance in plan), default=None)
    unplanned = {
        post_id
        for post_id, at in published
        if begins and ends and begins <= at <= ends and post_id not in {post_id for _, post_id in kept}
    }
    assert {row["post_id"] for row in found if row["outcome"] == "unplanned"} == unplanned
    assert len(found) == len(plan) + len(unplanned)


def test_a_plan_of_years_is_read_within_the_readers_time(db: Db, dsn: str, stores: LocalStack) -> None:
    hours = [NOON + dt.timedelta(hours=4 * n) for n in range(2000)]
    slots(db, [(f"s{n}", at, 60) for n, at in enumerate(hours)])
    posts(db, [(f"p{n}", at + dt.timedelta(minutes=n % 60)) for n, at in enumerate(hours)])
    with psycopg.connect(as_role(dsn, stores.dsn("reader"))) as reader:
        found = reader.execute("SELECT outcome, count(*) FROM analytics.editorial_adherence GROUP BY 1").fetchall()
    assert found == [("kept", 2000)]


def test_accounts_match_apart_and_posts_that_are_not_there_match_nothing(db: Db) -> None:
    slots(db, [("a", NOON, 60)])
    slots(db, [("a", NOON, 60)], account="2")
    posts(db, [("theirs", NOON)], account="2")
    posts(db, [("deleted", NOON)], deleted_at=NOON)
    posts(db, [("draft", NOON)], is_published=False)
    posts(db, [("later", NOON + dt.timedelta(days=1))])
    assert outcomes(db) == {"a": "missed"}
    assert outcomes(db, "2") == {"a": "kept"}


def test_how_far_off_is_in_minutes_and_early_is_negative(db: Db) -> None:
    slots(db, [("early", NOON, 60), ("late", NOON + dt.timedelta(hours=5), 60)], pillar="Tips")
    posts(db, [("a", NOON - dt.timedelta(seconds=90)), ("b", NOON + dt.timedelta(hours=6))], format="added_video")
    early, late = adherence(db)
    assert (early["minutes_off"], late["minutes_off"]) == (-1.5, 60.0)
    assert (early["pillar"], early["planned_format"], early["format"]) == ("Tips", None, "added_video")


def test_a_slot_is_open_until_the_account_has_come_beyond_it(db: Db) -> None:
    slots(db, [("a", NOON, 60)])
    assert outcomes(db) == {"a": "open"}
    posts(db, [("before", NOON - dt.timedelta(hours=3))])
    assert outcomes(db) == {"a": "open"}
    end = NOON + dt.timedelta(minutes=60)
    db.execute("SELECT pipeline.ensure_partitions('engagement_by_account_minute', %s)", [[int(end.timestamp() * 1000)]])
    minute = {"platform": "facebook", "account_id": "1", "minute": end - dt.timedelta(minutes=1)}
    put(db, "engagement_by_account_minute", minute)
    assert outcomes(db) == {"a": "open"}
    put(db, "engagement_by_account_minute", minute | {"minute": end})
    assert outcomes(db) == {"a": "missed"}


def test_a_month_is_the_accounts_own_and_shares_are_null_over_nothing(db: Db) -> None:
    new_year = dt.datetime(2026, 12, 31, 12, tzinfo=dt.UTC)  # in Auckland the first of January
    slots(db, [("kept", NOON, 60), ("missed", NOON + dt.timedelta(days=1), 60)], pillar="Tips")
    slots(db, [("early", NOON + dt.timedelta(days=2), 60)])
    slots(db, [("open", new_year, 60)], pillar="Tips")
    posts(db, [("a", NOON), ("b", NOON + dt.timedelta(days=2, minutes=-5)), ("c", NOON + dt.timedelta(hours=3))])
    months = db.execute("SELECT * FROM analytics.editorial_adherence_by_account_month ORDER BY month").fetchall()
    counts = ("planned", "kept", "early", "late", "missed", "open_slots", "unplanned")
    assert [(row["month"], tuple(row[name] for name in counts)) for row in months] == [
        (dt.date(2026, 11, 1), (3, 2, 1, 0, 1, 0, 1)),
        (dt.date(2027, 1, 1), (1, 0, 0, 0, 0, 1, 0)),
    ]
    assert [(row["adherence"], row["unplanned_share"]) for row in months] == [
        (pytest.approx(2 / 3), pytest.approx(1 / 3)),
        (None, None),
    ]
    mix = db.execute("SELECT * FROM analytics.editorial_mix ORDER BY month, pillar").fetchall()
    assert [(row["pillar"], row["planned"], row["kept"], row["planned_share"], row["kept_share"]) for row in mix] == [
        ("Tips", 2, 1, pytest.approx(2 / 3), pytest.approx(1 / 2)),
        (None, 1, 1, pytest.approx(1 / 3), pytest.approx(1 / 2)),
        ("Tips", 1, 0, 1.0, None),
    ]


# -- import ----------------------------------------------------------------------------------------------------
@pytest.fixture
def run(dsn: str, stores: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command, as an app's own role; its exit code and what it says."""
    monkeypatch.setenv("ENGAGEMENT_POSTGRES_DSN", as_role(dsn, stores.dsn("planner")))

    def command(*arguments: str | Path) -> Result:
        return CliRunner().invoke(engagement, ["plan", *map(str, arguments)])

    return command


def planned(db: Db) -> dict[str, Any]:
    rows = db.execute("SELECT * FROM analytics.editorial_plan").fetchall()
    return {row["slot_id"]: row for row in rows}


def test_a_plan_is_imported_once_however_often_and_a_slot_is_replaced_by_its_id(
    db: Db, run: Any, tmp_path: Path
) -> None:
    file = tmp_path / "november.csv"
    file.write_text("\ufeffslot_id,planned_at,pillar\na,2026-11-24T09:00,Tips\nb,2026-11-25,\n", encoding="utf-8")
    assert run("import", file, "--account", "facebook:1").output == "2 added, 0 changed, 0 unchanged, 0 removed\n"
    assert planned(db)["a"]["planned_at"] == dt.datetime(2026, 11, 23, 20, tzinfo=dt.UTC)  # nine in Auckland
    before = planned(db)
    assert run("import", file, "--account", "facebook:1").output == "0 added, 0 changed, 2 unchanged, 0 removed\n"
    assert planned(db) == before
    file.write_text("slot_id,planned_at,pillar\nb,2026-11-26,\nc,2026-11-27,News\n", encoding="utf-8")
    again = run("import", file, "--account", "facebook:1", "--replace")
    assert (again.exit_code, again.output) == (0, "1 added, 1 changed, 0 unchanged, 1 removed\n")
    assert planned(db).keys() == {"b", "c"}
    assert {row["source"] for row in planned(db).values()} == {"november.csv"}


def test_replacing_leaves_other_files_other_apps_and_other_accounts_alone(db: Db, run: Any, tmp_path: Path) -> None:
    slots(db, [("app", NOON, 60)])
    for name, account in (("december", "1"), ("november", "2"), ("november", "1")):
        file = tmp_path / f"{name}.csv"
        file.write_text(f"slot_id,planned_at\n{name}{account},2026-11-24\n", encoding="utf-8")
        assert run("import", file, "--account", f"facebook:{account}").exit_code == 0
    (tmp_path / "november.csv").write_text("slot_id,planned_at\n", encoding="utf-8")
    cleared = run("import", tmp_path / "november.csv", "--account", "facebook:1", "--replace")
    assert cleared.output == "0 added, 0 changed, 0 unchanged, 1 removed\n"
    assert planned(db).keys() == {"app", "december1", "november2"}


def test_of_a_file_with_problems_nothing_is_imported_and_all_of_them_are_said(db: Db, run: Any, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("slot_id,planned_at\na,2026-11-24\nb,soon\nc,2026-11-24\na,2026-11-25\n", encoding="utf-8")
    refused = run("import", file, "--account", "facebook:1")
    assert refused.exit_code == 1
    assert refused.output.splitlines() == [
        "plan.csv, line 3: planned_at is not ISO 8601, for instance 2026-11-24T09:00: 'soon'",
        "plan.csv, line 5: slot a stands in line 2 already",
        "nothing was imported",
    ]
    assert planned(db) == {}


def test_a_calendar_is_imported_and_listed_with_what_became_of_it(db: Db, run: Any, tmp_path: Path) -> None:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:{at}\r\nSUMMARY:{uid.upper()}\r\nCATEGORIES:Tips\r\nEND:VEVENT\r\n"
        for uid, at in (("b", "20261125T090000"), ("a", "20261124T090000"))
    )
    file = tmp_path / "plan.ics"
    file.write_text(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n", encoding="utf-8")
    assert run("import", file, "--account", "facebook:1", "--tolerance", "15").exit_code == 0
    posts(db, [("p", dt.datetime(2026, 11, 23, 20, 5, tzinfo=dt.UTC))])
    assert run("list", "--account", "facebook:1").output.splitlines() == [
        "2026-11-24 09:00  kept       +5 min  a  Tips | A",
        "2026-11-25 09:00  open               b  Tips | B",
    ]


def test_an_account_a_format_or_an_encoding_that_nobody_knows_is_said(db: Db, run: Any, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_bytes(b"planned_at,title\n2026-11-24,caf\xe9\n")
    for arguments, code, words in (
        (("--account", "facebook:1"), 1, "plan.csv is not UTF-8"),
        (("--account", "facebook:9"), 1, "account facebook:9 is not configured"),
        (("--account", "facebook"), 2, "for instance facebook:101275806400438"),
    ):
        refused = run("import", file, *arguments)
        assert refused.exit_code == code
        assert words in refused.output
    unnamed = file.rename(tmp_path / "plan.txt")
    assert run("import", unnamed, "--account", "facebook:1").exit_code == 2
    assert planned(db) == {}


# -- roles -----------------------------------------------------------------------------------------------------
def test_a_planner_writes_the_plan_and_nothing_else(dsn: str, stores: LocalStack) -> None:
    with psycopg.connect(as_role(dsn, stores.dsn("planner")), autocommit=True) as planner:
        planner.execute(
            "INSERT INTO analytics.editorial_plan (platform, account_id, slot_id, planned_at)"
            " VALUES ('facebook', '1', 'mine', now())"
        )
        sources = planner.execute("SELECT source FROM analytics.editorial_plan").fetchall()
        assert sources == [("engagement_planner",)]
        assert planner.execute("SELECT outcome FROM analytics.editorial_adherence").fetchall() == [("open",)]
        planner.execute("DELETE FROM analytics.editorial_plan")
        for statement in ("DELETE FROM analytics.posts", "TRUNCATE analytics.editorial_plan"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                planner.execute(statement)
    with psycopg.connect(as_role(dsn, stores.dsn("reader")), autocommit=True) as reader:
        reader.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("DELETE FROM analytics.editorial_plan")
