"""The wheel works outside the checkout, and holds what it needs and nothing else."""

import os
import subprocess
import sys
import sysconfig
import venv
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PACKAGES = ("contracts", "runtime", "ingest", "processors", "sinks", "deploy")


def run(command: list[str | Path], directory: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with our wheel; what it depends on is borrowed from this one."""
    place = tmp_path_factory.mktemp("installed")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)], CHECKOUT)
    (wheel,) = place.glob("*.whl")
    venv.create(place / "env", with_pip=False, symlinks=True)
    python = place / "env" / "bin" / "python"
    run([sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel], place)
    (site,) = (place / "env" / "lib").glob("python*/site-packages")
    # A path, not a site directory: our own editable install in it stays unknown here.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


def test_the_installed_command_runs(installed: Path) -> None:
    assert "sink" in run([installed / "env" / "bin" / "engagement", "--help"], installed)


def test_every_package_comes_from_the_wheel_and_tests_do_not(installed: Path) -> None:
    script = (
        "from importlib.util import find_spec\n"
        f"for name in {PACKAGES}: print(find_spec(name).origin)\n"
        "assert find_spec('tests') is None and find_spec('bench') is None"
    )
    places = run([installed / "env" / "bin" / "python", "-c", script], installed).split()
    assert all(Path(place).is_relative_to(installed) for place in places)


def test_the_compose_file_and_the_provisioned_files_are_in_the_wheel(installed: Path) -> None:
    script = "from deploy.local.stack import DEPLOY, compose_file; print(compose_file()); print(DEPLOY)"
    python = installed / "env" / "bin" / "python"
    compose, deploy = run([python, "-c", script], installed).split()
    assert Path(compose).is_relative_to(installed)
    assert Path(compose).read_text() == (CHECKOUT / "docker-compose.yml").read_text()
    for name in ("postgres/roles.sh", "prometheus/prometheus.yml", "engagement.example.toml"):
        assert (Path(deploy) / name).exists(), name


def test_no_other_distribution_brings_a_package_of_our_names() -> None:
    owners = packages_distributions()
    for name in PACKAGES:
        assert set(owners.get(name, [])) <= {"engagement-pipeline"}, name
