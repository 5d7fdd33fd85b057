"""Ninety days in half a minute, through the whole stack: cohorts, levels, decay and gravity need time to show."""

from pathlib import Path

import pytest

from deploy.local.reconcile import Compared
from deploy.local.simulator import World
from deploy.local.trial import Trial, Verdict

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    directory: Path = tmp_path_factory.mktemp("ninety-days")
    with Trial(directory, World(seconds=30.0, seed=90, faults="mild", days=90), lambda text: print(text)) as trial:
        trial.start()
        trial.play()
        trial.drain()
        return trial.judge()


def wrong(compared: dict[str, Compared]) -> dict[str, list[str]]:
    return {name: [one.fault or "", *map(str, one.mismatches[:5])] for name, one in compared.items() if one.wrong}


def test_every_row_is_exact_after_ninety_days(verdict: Verdict) -> None:
    assert wrong(verdict.compared) == {}
    assert verdict.evidence.events <= 200_000


def test_there_was_time_for_everything_that_needs_it(verdict: Verdict) -> None:
    tables = verdict.expected
    assert {row["ring"] for row in tables["community_members"].values()} >= {
        *("exploring", "participating", "contributing", "leading", None),
    }
    assert max(key[3] for key in tables["community_cohorts"]) >= 11
    assert len({key[2] for key in tables["community_gravity_month"]}) >= 3
    days = tables["community_by_account_day"].values()
    assert all(
        sum(row[name] for row in days) for name in ("reactivated_engagers", "moved_up", "moved_down", "left_levels")
    )
    assert {row["baseline"] for row in tables["engagement_anomalies"].values()} == {"hours", "weeks"}
    assert any(row["engagements_24h"] < row["engagements_7d"] for row in tables["engagement_decay"].values())
    assert tables["boost_candidates"]
