"""The example configuration is a configuration, and a whole one."""

import re
from pathlib import Path

import msgspec
import pytest

from contracts import config
from deploy import generate

SECTIONS = (config.Polling, config.Retention, config.Partitions, config.Privacy, config.Attribution)
TEXT = (Path(generate.__file__).parent / "engagement.example.toml").read_text(encoding="utf-8")


def test_the_example_is_a_valid_configuration() -> None:
    parsed = config.parse(TEXT)
    assert {account.brand for account in parsed.accounts} == parsed.brands.keys()


def test_the_example_shows_the_defaults() -> None:
    parsed = config.parse(TEXT)
    shown = (parsed.polling, parsed.retention, parsed.partitions, parsed.privacy, parsed.attribution)
    assert shown == tuple(part() for part in SECTIONS)


@pytest.mark.parametrize("shape", [*SECTIONS, config.Brand, config.Account, config.Site, config.ChannelRule])
def test_the_example_shows_every_key(shape: type[msgspec.Struct]) -> None:
    for field in msgspec.structs.fields(shape):
        assert re.search(rf"^(# )?{field.encode_name} = ", TEXT, re.MULTILINE), field.name
