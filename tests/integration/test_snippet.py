"""The snippet in a real browser, on a page of a site, against the real collector."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from contracts import codec, topics
from contracts.paid import Link, Order, Touch
from ingest.kafka import read
from tests.integration.browser import Browser, Site, browser
from tests.integration.ingest_run import IngestRun

PAGE = Path(__file__).parents[1] / "fixtures" / "collector" / "page.html"
_keys = count(time.time_ns())
T = TypeVar("T", Touch, Order, Link)


class Shop:
    """A site with a key of its own, and a collector that can be stopped and started at the same address."""

    def __init__(self, directory: Path, bootstrap: str) -> None:
        self.site = Site()
        self.id = f"s{next(_keys)}"
        self.key = f"wk_{self.id}_0123456789"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        sites = (
            f'[[sites]]\nid = "{self.id}"\nbrand = "b"\nwrite_keys = ["{self.key}"]\norigins = ["{self.site.origin}"]\n'
        )
        settings = {"ENGAGEMENT_WEBHOOKS_PORT": str(self.port), "ENGAGEMENT_COLLECT_RATE_PER_HOST": "100"}
        self.run = IngestRun(directory, bootstrap, sites=sites, **settings)
        self.run.command("topics", "apply")
        page = PAGE.read_text(encoding="utf-8")
        self.site.body = (
            page.replace("{collector}", f"http://127.0.0.1:{self.port}").replace("{key}", self.key).encode()
        )

    def url(self, path: str = "/") -> str:
        return self.site.origin + path

    def records(self, topic: topics.Topic, kind: type[T]) -> list[T]:
        """Those of the site, in the order of their first arrival: what the browser tells twice is one."""
        decode = codec.decoder(kind)
        found: dict[object, T] = {}
        for _, value in read(self.run.bootstrap, topic.name):
            try:
                record = decode(value or b"")
            except codec.UndecodableRecord:
                continue
            match record:
                case Touch() if record.site_id == self.id:
                    found.setdefault((record.touch_id, record.consent), record)
                case Order() if record.shop_id == self.id:
                    found.setdefault(record.order_id, record)
                case Link():
                    found.setdefault(record.link_id, record)
        return list(found.values())

    def touches(self) -> list[Touch]:
        return self.records(topics.TOUCHES, Touch)

    def links(self, visitor_id: str | None) -> list[Link]:
        return [one for one in self.records(topics.LINKS, Link) if one.visitor_id == visitor_id]

    def wait(self, found: Callable[[], Sequence[T]], wanted: int) -> Sequence[T]:
        """What is found once there are so many."""
        deadline = time.monotonic() + 60
        while len(records := found()) < wanted:
            assert time.monotonic() < deadline, f"{len(records)} of {wanted}"
            time.sleep(0.1)
        return records


@pytest.fixture
def shop(kafka_bootstrap: str, tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path, kafka_bootstrap)
    yield shop
    shop.site.close()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Browser]:
    with browser(tmp_path) as opened:
        yield opened


def kept(opened: Browser) -> tuple[object, object]:
    """Names in the page's storage, and its cookies."""
    return opened.run("return Object.keys(localStorage).sort().join()"), opened.run("return document.cookie")


def test_before_consent_a_visit_counts_and_nothing_is_kept_in_the_browser(shop: Shop, opened: Browser) -> None:
    with shop.run.receiver() as receiver:
        receiver.wait_ready()
        opened.open(shop.url("/?utm_source=Facebook&utm_campaign=Spring+Sale&fbclid=IwAR0"))
        (touch,) = shop.wait(shop.touches, 1)
        assert kept(opened) == ("", "")
        assert (touch.kind, touch.consent, touch.visitor_id, touch.session_id, touch.bot) == (
            ("visit", "unknown", None, None, None)
        )
        assert (touch.hints.source, touch.hints.campaign) == ("facebook", "spring sale")
        assert touch.hints.click_ids == {"fbclid": ""}
        opened.click("#next")
        opened.run("engagement.touch({ kind: 'view' })")
        assert [one.kind for one in shop.wait(shop.touches, 2)] == ["visit", "view"]  # to go on is no visit


def test_consent_tells_the_same_visit_again_with_its_visitor_who_buys_and_logs_in(shop: Shop, opened: Browser) -> None:
    with shop.run.receiver() as receiver:
        receiver.wait_ready()
        opened.open(shop.url("/?utm_source=facebook&fbclid=IwAR0"))
        shop.wait(shop.touches, 1)
        opened.click("#accept")
        unknown, known = shop.wait(shop.touches, 2)
        assert (known.touch_id, known.occurred_at) == (unknown.touch_id, unknown.occurred_at)
        assert (known.consent, known.hints.click_ids) == ("granted", {"fbclid": "IwAR0"})
        assert known.visitor_id
        assert known.session_id
        names, cookies = kept(opened)
        assert names == "eng_consent,eng_session,eng_visitor"
        assert opened.run("return localStorage.eng_visitor") in str(cookies)

        opened.click("#next")
        opened.click("#buy")
        opened.click("#login")
        (order,) = shop.wait(lambda: shop.records(topics.CONVERSIONS, Order), 1)
        assert (order.order_id, order.gross_micros, order.currency) == (f"o-{shop.key}", 12_500_000, "EUR")
        assert (order.visitor_id, order.codes) == (known.visitor_id, ("lena10",))
        links = shop.wait(lambda: shop.links(known.visitor_id), 2)
        assert {one.source for one in links} == {"order", "login"}
        assert len(shop.touches()) == 2


def test_whoever_declines_is_forgotten(shop: Shop, opened: Browser) -> None:
    with shop.run.receiver() as receiver:
        receiver.wait_ready()
        opened.open(shop.url())
        opened.click("#accept")
        shop.wait(shop.touches, 2)
        opened.click("#decline")
        assert kept(opened) == ("eng_consent", "")
        opened.open(shop.url("/?utm_source=again"))
        *_, last = shop.wait(shop.touches, 3)
        assert (last.consent, last.visitor_id, last.hints.source) == ("denied", None, "again")


def test_what_is_told_while_leaving_arrives(shop: Shop, opened: Browser) -> None:
    with shop.run.receiver() as receiver:
        receiver.wait_ready()
        opened.open(shop.url())
        opened.click("#leave")
        (left,) = shop.wait(lambda: [one for one in shop.touches() if one.hints.source == "leaving"], 1)
        assert left.kind == "view"


def test_what_could_not_be_told_is_told_later_even_by_the_next_page(shop: Shop, opened: Browser) -> None:
    with shop.run.receiver() as receiver:
        receiver.wait_ready()
        opened.open(shop.url())
        opened.click("#accept")
        shop.wait(shop.touches, 2)
    opened.click("#buy")  # nobody is there
    assert "conversions" in str(opened.run("return localStorage.eng_queue"))
    with shop.run.receiver() as receiver:
        receiver.wait_ready()
        opened.click("#next")
        (order,) = shop.wait(lambda: shop.records(topics.CONVERSIONS, Order), 1)
        assert order.order_id == f"o-{shop.key}"


def test_a_browser_that_says_that_nobody_looks_is_a_bot(shop: Shop, tmp_path: Path) -> None:
    with browser(tmp_path, user_agent=None) as machine, shop.run.receiver() as receiver:
        receiver.wait_ready()
        machine.open(shop.url())
        (touch,) = shop.wait(shop.touches, 1)
        assert touch.bot == "bot"
