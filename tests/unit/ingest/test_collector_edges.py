"""Who is a bot, where a click may go, how often somebody may come, which site speaks."""

import re

import pytest

from contracts.config import Site
from ingest.collector import bots, target
from ingest.collector.buckets import Buckets
from ingest.collector.sites import Sites, may_speak, visitor_host
from ingest.collector.snippet import SCRIPT

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36"
HOSTS = {"shop.test", "shop.test:8443"}


# -- bots --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "agent",
    [
        CHROME,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 [FBAN/FBIOS;FBAV/520.0]",
        "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/96.0 Mobile Safari/537.36",
    ],
)
def test_people_are_people(agent: str) -> None:
    assert bots.word("GET", {"User-Agent": agent}) is None


@pytest.mark.parametrize(
    ("agent", "word"),
    [
        ("", "bot"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "bot"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/150.0 Safari/537.36", "bot"),
        ("curl/8.14.1", "bot"),
        ("python-requests/2.32", "bot"),
        ("Slackbot-LinkExpanding 1.0", "bot"),
        ("Mozilla/5.0 BarracudaCentral", "scanner"),
        ("Microsoft Office/16.0 (Microsoft Outlook 16.0; Pro)", "scanner"),
    ],
)
def test_programs_are_bots(agent: str, word: str) -> None:
    assert bots.word("GET", {"User-Agent": agent}) == word


@pytest.mark.parametrize("header", [("Sec-Purpose", "prefetch"), ("Purpose", "Preview"), ("X-Moz", "prefetch")])
def test_a_page_that_is_fetched_ahead_was_not_seen(header: tuple[str, str]) -> None:
    assert bots.word("GET", {"User-Agent": CHROME, header[0]: header[1]}) == "prefetch"


def test_whoever_only_looks_what_is_there_scans() -> None:
    assert bots.word("HEAD", {"User-Agent": CHROME}) == "scanner"


# -- where a click may go ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.test",
        "https://SHOP.test/a?b=c#d",
        "http://shop.test:80/",
        "https://shop.test:443/a//b",
        "https://shop.test:8443/",
        "https://shop.test?to=https://evil.test/",
    ],
)
def test_a_listed_host_may_be_gone_to(address: str) -> None:
    assert target.allowed(address, HOSTS)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/a",
        "//shop.test/a",
        "shop.test",
        "javascript:alert(1)//shop.test",
        "data:text/html,shop.test",
        "ftp://shop.test/",
        "https:shop.test/",
        "https:///shop.test/",
        "https:/\\shop.test",
        "https://evil.test/",
        "https://evil.test/shop.test",
        "https://evil.test#shop.test",
        "https://evil.test?shop.test",
        "https://evil.test\\@shop.test/",
        "https://shop.test\\.evil.test/",
        "https://shop.test@evil.test/",
        "https://shop.test:pw@evil.test/",
        "https://evil.test@shop.test/",
        "https://shop.test.evil.test/",
        "https://evilshop.test/",
        "https://sub.shop.test/",
        "https://shop.test./",
        "https://shop.test:8080/",
        "http://shop.test:443/",
        "https://shop.test:/",
        "https://shop.test:99999999/",
        "https://shop.test%2eevil.test/",
        "https://shop.test%00.evil.test/",
        "https://ѕhop.test/",
        "https://shop。test/",
        "https://shop.test/\r\nSet-Cookie: a=b",
        "https://shop.test/\ta",
        "https://shop.test/ a",
        " https://shop.test/",
        "https://shop.test/\n",
        "\x01https://shop.test/",
        "https://shop.test/a\\b",
        "https://shop.test/é",
        "https://[::1]/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://shop.test/" + "a" * 5000,
    ],
)
def test_nowhere_else(address: str) -> None:
    assert not target.allowed(address, HOSTS)


# -- how often ---------------------------------------------------------------------------------------------------


def test_a_burst_is_taken_and_then_the_rate() -> None:
    buckets = Buckets(rate=2, burst=3, most=10)
    assert [buckets.take("a", 100.0) > 0 for _ in range(5)] == [False, False, False, True, True]
    assert buckets.take("a", 100.0) == pytest.approx(0.5)
    assert buckets.take("a", 100.5) == 0
    assert buckets.take("a", 100.5) > 0
    assert buckets.take("b", 100.5) == 0


def test_asking_too_often_does_not_make_it_worse() -> None:
    buckets = Buckets(rate=1, burst=1, most=10)
    assert buckets.take("a", 0.0) == 0
    assert all(buckets.take("a", 0.5) > 0 for _ in range(1000))
    assert buckets.take("a", 1.0) == 0


def test_memory_is_bounded_whoever_comes() -> None:
    buckets = Buckets(rate=1, burst=1, most=2)
    for name in "abc":
        buckets.take(name, 0.0)
    assert buckets.take("c", 0.0) > 0
    assert buckets.take("a", 0.0) == 0  # forgotten
    assert len(buckets._full_at) == 2


# -- sites -------------------------------------------------------------------------------------------------------


def test_a_site_is_found_by_each_of_its_keys() -> None:
    one = Site("one", "b", ("new_key_0123456789", "old_key_0123456789"), origins=("https://one.test",))
    two = Site("two", "b", ("two_key_0123456789",), origins=("https://two.test",))
    sites = Sites((one, two))
    assert sites.by_key("new_key_0123456789") is sites.by_key("old_key_0123456789") is sites.by_id("one") is one
    assert sites.by_key(None) is sites.by_key("") is sites.by_id("three") is None
    assert sites.is_origin("https://TWO.test")
    assert may_speak(one, "https://one.test")
    assert may_speak(one, None)
    assert not may_speak(one, "https://two.test")
    assert not may_speak(one, "null")


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "host"),
    [
        ("203.0.113.9", None, 0, "203.0.113.9"),
        ("203.0.113.9", "6.6.6.6", 0, "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"),
        ("10.0.0.1", "not an address", 1, "10.0.0.1"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("2001:db8::1:2:3", None, 0, "2001:db8::"),
        ("::ffff:203.0.113.9", None, 0, "203.0.113.9"),
        (None, None, 0, ""),
    ],
)
def test_whom_the_rate_is_for(remote: str | None, forwarded: str | None, proxies: int, host: str) -> None:
    assert visitor_host(remote, forwarded, proxies) == host


# -- the snippet -------------------------------------------------------------------------------------------------


def test_the_snippet_is_small_and_names_no_other_host() -> None:
    assert len(SCRIPT) < 4096
    assert not re.search(rb"https?://", SCRIPT)
    assert b"/*" not in SCRIPT.splitlines()[0]
