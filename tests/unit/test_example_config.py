"""The example configuration is a configuration, and a whole one."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from contracts import config
from deploy import generate

TEXT = (Path(generate.__file__).parent / "engagement.example.toml").read_text(encoding="utf-8")


def test_the_example_is_a_valid_configuration() -> None:
    parsed = config.parse(TEXT)
    assert {account.brand for account in parsed.accounts} == parsed.brands.keys()


def test_the_example_shows_the_defaults() -> None:
    parsed, default = config.parse(TEXT), config.Config()
    for section in ("polling", "retention", "partitions", "privacy"):
        assert getattr(parsed, section) == getattr(default, section)


def test_the_example_leaves_no_key_out() -> None:
    written = tomllib.loads(TEXT)
    shown = written | {"accounts": {key: None for account in written["accounts"] for key in account}}
    assert set(keys(msgspec.structs.fields(config.Config))) == {
        f"{section}.{key}" if section != "brands" else section for section, body in shown.items() for key in body
    }


def keys(sections: tuple[msgspec.structs.FieldInfo, ...]) -> Iterator[str]:
    for section in sections:
        if section.name == "brands":
            yield section.name
            continue
        shape = config.Account if section.name == "accounts" else section.type
        for field in msgspec.structs.fields(shape):
            yield f"{section.name}.{field.encode_name}"
