"""Reads docker-compose.yml as data: what each service runs, with what, after what. Pure; starts nothing."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?:(?P<kind>:?[-?])(?P<text>[^}]*))?\})")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class ComposeError(Exception):
    """The compose file uses something that the local stack would not honour."""


@dataclass(frozen=True)
class Service:
    """One service as declared, variables filled in; durations in seconds."""

    name: str
    is_ours: bool
    command: Sequence[str]
    environment: Mapping[str, str]
    depends_on: Mapping[str, str]
    """Service -> started | service_healthy | service_completed_successfully."""
    healthcheck: Sequence[str]
    healthy_within: float
    restart: str
    stop_grace: float


def read(text: str, variables: Mapping[str, str]) -> dict[str, Service]:
    """The services by name. A required variable that is missing from `variables` is a ComposeError."""
    return {name: _service(name, body, variables) for name, body in yaml.safe_load(text)["services"].items()}


def filled(text: str, variables: Mapping[str, str]) -> str:
    """Compose's interpolation: `${A}`, `${A:-default}`, `${A:?message}`, `$$`.

    >>> filled("${HOST:-localhost}:$$1", {})
    'localhost:$1'
    """

    def value(match: re.Match[str]) -> str:
        name, kind = match["name"], match["kind"] or ""
        if name is None:
            return "$"
        found = variables.get(name)
        if found is not None and (found or ":" not in kind):
            return found
        if kind.endswith("?"):
            raise ComposeError(f"{name}: {match['text'] or 'required'}")
        return match["text"] or ""

    return _VARIABLE.sub(value, text)


def _service(name: str, body: Mapping[str, Any], variables: Mapping[str, str]) -> Service:
    health = body.get("healthcheck", {})
    attempts = _seconds(health.get("interval", "30s")) * int(health.get("retries", 3))
    return Service(
        name=name,
        is_ours="build" in body,
        command=tuple(filled(part, variables) for part in body.get("command", ())),
        environment={key: filled(value, variables) for key, value in body.get("environment", {}).items()},
        depends_on={other: how["condition"] for other, how in body.get("depends_on", {}).items()},
        healthcheck=tuple(health.get("test", ())),
        healthy_within=_seconds(health.get("start_period", "0s")) + attempts,
        restart=body.get("restart", "no"),
        stop_grace=_seconds(body.get("stop_grace_period", "10s")),
    )


def _seconds(duration: str) -> float:
    """Seconds of a compose duration such as `1m30s`.

    >>> _seconds("1m30s")
    90.0
    """
    parts = re.findall(r"(\d+)(ms|s|m|h)", duration)
    if "".join(number + unit for number, unit in parts) != duration:
        raise ComposeError(f"not a duration: {duration}")
    return sum(int(number) * _SECONDS[unit] for number, unit in parts)


def start_order(services: Mapping[str, Service], wanted: Collection[str]) -> Iterator[Service]:
    """The wanted services and all that they depend on, each after what it depends on."""
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> Iterator[Service]:
        if name in above:
            raise ComposeError(f"services wait for each other: {' -> '.join((*above, name))}")
        if name in done:
            return
        for other in services[name].depends_on:
            yield from visit(other, (*above, name))
        done.add(name)
        yield services[name]

    for name in services:  # the order of the file, so that a start reads like it
        if name in wanted:
            yield from visit(name, ())
