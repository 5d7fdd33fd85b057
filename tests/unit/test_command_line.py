"""The command line lists everything and imports a stage only when it is called."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from runtime.cli import COMMANDS, LazyGroup, engagement, main

STAGES = {"ingest", "processors", "sinks", "deploy", "faust", "kafka", "psycopg", "aiohttp"}


def test_help_lists_every_command_with_its_line() -> None:
    text = " ".join(CliRunner().invoke(engagement, ["--help"]).output.split())
    for name, (_, line) in COMMANDS.items():
        assert f"{name} {line}" in text


def test_help_imports_no_stage() -> None:
    script = (
        "import sys; sys.argv = ['engagement', '--help']\n"
        "from runtime.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "process" in done.stdout
    assert not STAGES & set(done.stderr.split())


def test_an_unknown_command_is_wrong_usage() -> None:
    assert CliRunner().invoke(engagement, ["dance"]).exit_code == 2


def test_a_command_is_found_in_the_module_that_the_table_names() -> None:
    group = LazyGroup({"health": ("runtime.cli:health", "Ask.")})
    with click.Context(group) as context:
        command = group.get_command(context, "health")
    assert command is not None
    assert command.name == "health"


def test_wrong_settings_are_lines_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["engagement", "health"])
    monkeypatch.setenv("ENGAGEMENT_METRICS_PORT", "ninety")
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 1
    error = capsys.readouterr().err
    assert "ENGAGEMENT_METRICS_PORT: " in error
    assert "Traceback" not in error


def test_an_extra_that_was_left_out_is_named() -> None:
    group = LazyGroup({"up": ("tests.unit.needs_an_extra:up", "Run.")})
    done = CliRunner().invoke(group, ["up"])
    assert done.exit_code == 1
    assert "engagement-pipeline[local]" in done.output
    assert "not_installed_here" in done.output
