"""The configuration says everything that is wrong with it at once."""

import pytest

from contracts import config

GOOD = """
[brands.acme]
name = "Acme"
[[accounts]]
platform = "facebook"
id = "1001"
name = "Acme UK"
brand = "acme"
zone = "Europe/London"
currency = "GBP"
connected_at = 2026-01-01T00:00:00Z
"""


def test_a_good_one_is_read() -> None:
    account = config.parse(GOOD).account("facebook", "1001")
    assert account is not None
    assert account.zone == "Europe/London"


def test_every_problem_is_named_together() -> None:
    bad = GOOD.replace('"Europe/London"', '"Mars"').replace('brand = "acme"', 'brand = "nobody"').replace("00Z", "00")
    with pytest.raises(config.InvalidConfig) as wrong:
        config.parse(bad + GOOD.partition("[[accounts]]")[1] + GOOD.partition("[[accounts]]")[2])
    assert [problem.rpartition(": ")[2].split(" ")[0] for problem in wrong.value.problems] == [
        "brand",
        "connected_at",
        "'Mars'",
        "stands",
    ]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("unknown = 1", "unknown"),
        ("[retention]\nminute_days = 0", "minute_days"),
        ("[retention]\nminute_days = 99", "minute_days"),
        ("[partitions]\norganic = 0", "organic"),
        ("[polling]\npage_size = 101", "page_size"),
        ("[", "Invalid"),
    ],
)
def test_what_cannot_be_is_refused(line: str, named: str) -> None:
    with pytest.raises(config.InvalidConfig, match=named):
        config.parse(line)
