"""The engines: how each is installed on first use, and the command that runs it."""

import hashlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from deploy.local.settings import LocalSettings
from runtime.settings import variable

HERE = Path(__file__).parent
MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


class Absent(RuntimeError):
    """This machine lacks what an engine needs; the message names it."""


class Engine(NamedTuple):
    """`command` takes a directory for state, installs what is missing and returns what to run.

    `most`: so many deliveries, if it is slow.
    """

    command: Callable[[Path], list[str]]
    environment: Mapping[str, str] = {}
    most: int | None = None


def _ours(_state: Path) -> list[str]:
    return [sys.executable, "-m", "bench.peers.ours"]


def _kstreams(heap: str) -> Callable[[Path], list[str]]:
    def command(_state: Path) -> list[str]:
        built = _installed("kstreams", sorted([HERE / "kstreams/pom.xml", *HERE.glob("kstreams/src/*.java")]), _build)
        options = [f"-Xms{heap}", f"-Xmx{heap}", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        return [_tool("java"), *options, "-cp", f"{built}/classes:{built}/libs/*", "Main"]

    return command


def _quix(_state: Path) -> list[str]:
    return [str(_python()), str(HERE / "quix_app.py")]


def _bytewax(state: Path) -> list[str]:
    python = str(_python())
    subprocess.run([python, "-m", "bytewax.recovery", str(state), "1"], check=True)
    recovery = ["-r", str(state), "-s", "10", "-b", "0"]
    return [python, "-m", "bytewax.run", f"{HERE / 'bytewax_app.py'}:flow", *recovery]


ENGINES = {
    "ours": Engine(_ours, {variable("seal_key"): "bench", variable("processor_flush_seconds"): "1"}),
    "kstreams": Engine(_kstreams("2g"), {"STORE": "rocksdb"}),
    "kstreams-memory": Engine(_kstreams("4g"), {"STORE": "memory"}),
    "bytewax": Engine(_bytewax, most=500_000),
    "quix": Engine(_quix, most=100_000),
}
"""`kstreams-memory` keeps its stores in memory, as this engine does, and a changelog of them."""


def _python() -> Path:
    return _installed("python", [HERE / "requirements.txt"], _install) / "bin" / "python"


def _installed(name: str, sources: list[Path], make: Callable[[Path], None]) -> Path:
    """The directory that `make` fills from `sources`: made once for each version of them."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    target = LocalSettings.load().cache_dir / "peers" / f"{name}-{digest}"
    done = target / "complete"
    if not done.exists():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        make(target)
        done.touch()
    return target


def _install(target: Path) -> None:
    venv.create(target, with_pip=True)
    pip = [str(target / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], check=True)


def _build(target: Path) -> None:
    pom = shutil.copy(HERE / "kstreams" / "pom.xml", target)
    libs = target / "libs"
    subprocess.run(
        [_tool("mvn"), "-q", "-B", "-Dstyle.color=never", "-f", pom, MAVEN_COPY, f"-DoutputDirectory={libs}"],
        check=True,
    )
    sources = [str(source) for source in sorted(HERE.glob("kstreams/src/*.java"))]
    compiler = [_tool("javac"), "--release", "17", "-cp", f"{libs}/*", "-d", str(target / "classes")]
    subprocess.run([*compiler, *sources], check=True)


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Absent(f"{name} is not on the PATH: a JDK 17 and Maven are needed")
    return found
