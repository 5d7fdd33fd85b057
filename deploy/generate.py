"""Renders every generated file: `python -m deploy.generate` writes them, `--check` fails when one differs.

One entry a file: its path and the function that renders it whole.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from deploy import runbook
from deploy.grafana.boards import DASHBOARDS
from deploy.grafana.render import render
from deploy.prometheus import alerts
from sinks.postgres import dictionary, migrate

ROOT = Path(__file__).parent.parent


def _dictionary() -> str:
    return dictionary.render([migration.sql for migration in migrate.load()])


GENERATED: dict[str, Callable[[], str]] = {
    **{f"deploy/grafana/dashboards/{board.uid}.json": partial(render, board) for board in DASHBOARDS},
    "deploy/prometheus/alerts/engagement.yml": alerts.render,
    "docs/data-dictionary.md": _dictionary,
    "docs/runbook-reasons.md": runbook.render,
}


def stale(root: Path = ROOT) -> list[str]:
    """The generated files that differ from what would be rendered now."""
    return [
        name
        for name, rendered in GENERATED.items()
        if not (root / name).is_file() or (root / name).read_text(encoding="utf-8") != rendered()
    ]


def main(arguments: list[str]) -> int:
    """0 when all is written, or with --check when nothing differs."""
    names = stale()
    if "--check" in arguments:
        for name in names:
            print(f"stale: {name} (run `python -m deploy.generate`)", file=sys.stderr)  # noqa: T201
        return 1 if names else 0
    for name in names:
        (ROOT / name).write_text(GENERATED[name](), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
