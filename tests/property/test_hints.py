"""Laws of addresses: any text is read, what is kept is clean and short, and encoding once more changes nothing."""

from urllib.parse import quote, quote_plus, urlencode

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contracts.paid import Hints
from ingest import hints

NAMES = ("utm_source", "UTM_Medium", "utm_campaign", "utm_id", "fbclid", "sccid", "ad_id", "_fbc", "x", "amp;gclid")
pairs = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(), st.text()), max_size=8)
words = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="%&+="), min_size=1, max_size=50)
click_ids = st.text("abcXYZ019-_.", min_size=1, max_size=100)


def texts(found: Hints) -> list[str]:
    told = msgspec.structs.asdict(found)
    return [*told.pop("click_ids").values(), *(text for text in told.values() if text is not None)]


def check(found: Hints) -> None:
    assert set(found.click_ids) <= set(hints.CLICK_IDS)
    for text in texts(found):
        assert text.isprintable()
        assert text.strip() == text
        assert 0 < len(text) <= 512
    assert "?" not in f"{found.landing}{found.referrer}"


@given(st.text() | st.text("?&=%#/:amp;25utm_source "), st.none() | st.text())
def test_any_text_may_be_an_address(url: str, referrer: str | None) -> None:
    check(hints.of_url(url, referrer))
    check(hints.of_url("https://shop.test/?" + url, referrer))


@given(pairs, st.text(), st.text())
def test_any_parameters_may_come(found: list[tuple[str, str]], landing: str, referrer: str) -> None:
    check(hints.of_parameters(found, landing=landing, referrer=referrer))


@given(st.text())
def test_grouping_twice_is_grouping_once(text: str) -> None:
    once = hints.grouped(text)
    assert once is None or hints.grouped(once) == once


@given(words, click_ids, st.integers(0, 2), st.sampled_from((quote, quote_plus)))
def test_encoding_once_more_changes_nothing(campaign: str, click: str, times: int, encode: object) -> None:
    assert callable(encode)
    plain = hints.of_parameters([("utm_campaign", campaign), ("fbclid", click)])
    for _ in range(times):
        campaign, click = encode(campaign), encode(click)
    query = urlencode({"utm_campaign": campaign, "fbclid": click})
    assert hints.of_url(f"/?{query}") == msgspec.structs.replace(plain, landing="/")


@given(pairs, pairs)
def test_of_two_places_the_first_decides(some: list[tuple[str, str]], others: list[tuple[str, str]]) -> None:
    first, second = hints.of_parameters(some), hints.of_parameters(others)
    assert hints.merged(first, second) == hints.of_parameters([*some, *others])
    assert hints.merged(first, first) == first
