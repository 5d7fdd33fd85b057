"""What a world holds at any seed: people of habit, posts that take off, a page that answers, and a plan."""

import csv
import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from ingest.simulator import planning
from ingest.simulator.cli import scale_of
from ingest.simulator.ledger import Ledger, Notes, Tables
from ingest.simulator.population import BRANDS
from ingest.simulator.story import Story
from ingest.simulator.timeline import DAY_SECONDS, DAYS
from ingest.simulator.world import World

BEGINS_AT = 1_790_000_000
ENDS_AT = BEGINS_AT + int(DAYS * DAY_SECONDS)


@pytest.fixture(scope="module", params=(1, 2, 3))
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The tables of a short run whose every fact was told at once."""
    directory: Path = tmp_path_factory.mktemp("told")
    world = World(request.param, BEGINS_AT, scale_of(5.0, None))
    with Notes(directory) as notes:
        for page in world.pages:
            notes.account(page.id, zone=page.zone, connected_at=page.connected_at * 1000)
        for happening in Story(world).until(ENDS_AT):
            if happening.fact:
                notes.delivered(happening.at * 1000, [(notes.fact(happening.fact), happening.names_actor)])
    return Ledger.read(directory).evaluate(now=ENDS_AT * 1000)


def test_accounts_and_posts_take_off_by_different_degrees(told: Tables) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for key, row in told["engagement_anomalies"].items():
        found[key[2]].add(row["severity"])
    assert set(found) == {"account", "post"}
    assert all(len(severities) >= 2 for severities in found.values())
    assert any(row["hours"] > 1 for row in told["engagement_spikes"].values())


def test_the_page_answers_soon_later_and_not_at_all(told: Tables) -> None:
    rows = told["response_times_by_account_day"].values()
    within_1h, within_4h, answered, inbound = (
        sum(row[name] for row in rows) for name in ("within_1h", "within_4h", "answered", "inbound")
    )
    assert 0 < within_1h < within_4h < answered < inbound


def test_some_come_every_day_and_some_advocate(told: Tables) -> None:
    members = told["community_members"].values()
    assert {row["level_by_presence"] for row in members} >= {0, 4}
    assert {row["ring"] for row in members} >= {"exploring", "participating", "contributing"}
    assert any(row["is_ambassador"] for row in members)


def test_a_weekday_and_hour_may_have_enough_posts_to_be_judged() -> None:
    world = World(4, BEGINS_AT, scale_of(5.0, None))
    hours = Counter((post.page.id, post.created_at // 3600 % 168) for post in world.posts.values())
    assert max(hours.values()) >= 10


@pytest.fixture
def world() -> World:
    made = World(4, BEGINS_AT, scale_of(5.0, None))
    for _ in Story(made).until(ENDS_AT):
        pass
    return made


def test_only_the_pages_of_one_brand_have_a_plan(world: World) -> None:
    planned = {page.brand for page in world.pages if planning.slots(page, world.posts_of[page.id], BEGINS_AT, ENDS_AT)}
    assert planned == {next(iter(BRANDS))}


def test_a_plan_is_kept_missed_and_still_open_and_leaves_posts_unplanned(world: World, tmp_path: Path) -> None:
    page = world.pages[0]
    with Notes(tmp_path) as notes:
        notes.account(page.id, zone=page.zone, connected_at=BEGINS_AT * 1000)
        posts = [(post.id, {"published_at": post.created_at * 1000}) for post in world.posts_of[page.id]]
        notes.content(ENDS_AT * 1000, page.id, posts)
        notes.planned(page.id, "plan.csv", planning.slots(page, world.posts_of[page.id], BEGINS_AT, ENDS_AT))
    (row,) = Ledger.read(tmp_path).evaluate()["editorial_adherence_by_account_month"].values()
    assert all(row[name] for name in ("kept", "early", "late", "missed", "open_slots", "unplanned"))


def test_a_plan_is_written_as_people_write_it(world: World, tmp_path: Path) -> None:
    page = world.pages[4]
    slots = planning.slots(page, world.posts_of[page.id], BEGINS_AT, ENDS_AT)
    path = planning.write(tmp_path, page, slots)
    assert planning.plans(tmp_path) == {page.id: path}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(dt.datetime.fromisoformat(row["planned_at"]).timestamp() * 1000) for row in rows] == [
        slot["planned_at"] for slot in slots
    ]
    assert [row["pillar"] or None for row in rows] == [slot["pillar"] for slot in slots]
    assert {row["tolerance_minutes"] for row in rows} >= {"", "15", "0"}
    assert len({row["slot_id"] for row in rows}) == len(rows)
