"""`engagement simulate`, as far as it needs no network."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from contracts.config import parse
from ingest.simulator import configuration
from ingest.simulator.cli import scale_of, simulate
from ingest.simulator.timeline import virtual_clock
from runtime.clock import wall_ms
from runtime.settings import SettingsError

CLOCK = "1790000000000@1795000000000x3600"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(simulate, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_it_writes_a_configuration_and_tells_nothing_secret(tmp_path: Path) -> None:
    output = run("--data-dir", str(tmp_path), "--clock", CLOCK, "--write-config-only")
    assert CLOCK in output
    assert configuration.read_token(tmp_path) not in output


def test_the_same_clock_and_seed_write_the_same_configuration(tmp_path: Path) -> None:
    written = []
    for _ in range(2):
        run("--data-dir", str(tmp_path), "--clock", CLOCK, "--write-config-only")
        token = configuration.read_token(tmp_path)
        written.append(((tmp_path / configuration.CONFIG).read_text(encoding="utf-8"), token))
    assert written[0] == written[1]


def test_it_simulates_all_platforms_or_those_that_are_named(tmp_path: Path) -> None:
    def platforms(*arguments: str) -> set[str]:
        run("--data-dir", str(tmp_path), "--clock", CLOCK, "--write-config-only", *arguments)
        accounts = parse((tmp_path / configuration.CONFIG).read_text(encoding="utf-8")).accounts
        return {account.platform for account in accounts}

    assert platforms() >= {"facebook", "instagram", "youtube"}
    assert platforms("--sources", "instagram") == {"instagram"}
    result = CliRunner().invoke(simulate, ["--data-dir", str(tmp_path), "--sources", "facebook,orkut"])
    assert result.exit_code == 2
    assert "orkut" in result.output


def test_it_says_where_deliveries_would_go(tmp_path: Path) -> None:
    result = CliRunner().invoke(simulate, ["--data-dir", str(tmp_path), "--clock", CLOCK])
    assert result.exit_code == 2
    assert "--receiver" in result.output


def test_a_wrong_clock_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        run("--data-dir", str(tmp_path), "--clock", "noon", "--write-config-only")


@pytest.mark.parametrize(("seconds", "days"), [(5, 2.5), (60, 2.5), (60, 90), (3600, 1)])
def test_a_played_world_ends_just_before_the_wall_clock(seconds: float, days: float) -> None:
    starts_at = wall_ms() + 10_000
    clock = virtual_clock(starts_at, seconds, days)
    end = clock.virtual_ms + int(seconds * 1000 * clock.speed)
    assert end == clock.virtual_ms + days * 86_400_000
    assert starts_at + seconds * 1000 - 2_500 <= end < starts_at + seconds * 1000


def test_as_much_happens_in_a_longer_world_that_is_played_in_the_same_time() -> None:
    short, long = scale_of(60, None), scale_of(60, None, days=90)
    assert short.facts_per_second * short.ends_after == pytest.approx(long.facts_per_second * long.ends_after)
    assert long.ends_after == 90 * 86_400
