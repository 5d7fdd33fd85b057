"""The collector over HTTP and against a real Kafka: who may write, what is written, where a click goes on to."""

import json
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import requests

from contracts import codec, topics
from contracts.paid import Link, Order, Touch
from ingest.kafka import read
from tests.integration.ingest_run import IngestRun, Receiver

KEY, OTHER_KEY = "wk_first_0123456789abcdef", "wk_other_0123456789abcdef"
ORIGIN = "https://shop.test"
PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SITES = f"""
[[sites]]
id = "shop"
brand = "b"
write_keys = ["{KEY}"]
origins = ["{ORIGIN}"]
redirect_hosts = ["shop.test"]

[[sites]]
id = "app"
brand = "b"
write_keys = ["{OTHER_KEY}"]
"""
_numbers = count(time.time_ns())


@pytest.fixture(scope="module")
def run(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> IngestRun:
    run = IngestRun(tmp_path_factory.mktemp("collector"), kafka_bootstrap, sites=SITES)
    run.command("topics", "apply")
    return run


@pytest.fixture(scope="module")
def receiver(run: IngestRun) -> Iterator[Receiver]:
    with run.receiver(ENGAGEMENT_COLLECT_RATE_PER_HOST="1000") as receiver:
        receiver.wait_ready()
        yield receiver


def event(**fields: object) -> dict[str, Any]:
    return {"event_id": f"e{next(_numbers)}", "consent": "granted", "visitor_id": "kanari-visitor", **fields}


def post(receiver: Receiver, path: str, body: object, headers: dict[str, str] | None = None) -> requests.Response:
    told = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", "User-Agent": PERSON, "X-Write-Key": KEY} | (headers or {})
    return requests.post(receiver.url(f"/collect/{path}"), data=told, headers=sent, timeout=30)


def written(run: IngestRun, topic: topics.Topic, kind: type[Any]) -> list[Any]:
    decode = codec.decoder(kind)
    found = []
    for _, value in read(run.bootstrap, topic.name):
        try:
            found.append(decode(value or b""))
        except codec.UndecodableRecord:
            continue
    return found


def touches(run: IngestRun) -> list[Touch]:
    return written(run, topics.TOUCHES, Touch)


# -- touches and conversions -------------------------------------------------------------------------------------


def test_after_the_answer_the_touch_is_in_kafka_under_a_pseudonym(receiver: Receiver, run: IngestRun) -> None:
    answer = post(receiver, "touches", event(url="https://shop.test/?utm_source=Collector-A"))
    assert (answer.status_code, answer.content) == (204, b"")
    (touch,) = [touch for touch in touches(run) if touch.hints.source == "collector-a"]
    assert (touch.brand, touch.site_id, touch.kind, touch.bot) == ("b", "shop", "visit", None)
    assert touch.visitor_id is not None
    assert "kanari" not in touch.visitor_id


def test_a_beacon_brings_its_key_in_the_body_and_asks_nothing_before(receiver: Receiver, run: IngestRun) -> None:
    told = {"write_key": KEY, "events": [event(url="https://shop.test/?utm_source=beacon") for _ in range(3)]}
    headers = {"Content-Type": "text/plain;charset=UTF-8", "X-Write-Key": "", "Origin": ORIGIN}
    answer = post(receiver, "touches", told, headers)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, ORIGIN)
    assert len([touch for touch in touches(run) if touch.hints.source == "beacon"]) == 3


def test_an_event_that_comes_again_is_the_same_touch(receiver: Receiver, run: IngestRun) -> None:
    told = event(url="https://shop.test/?utm_source=twice")
    assert [post(receiver, "touches", told).status_code for _ in range(2)] == [204, 204]
    assert len({touch.touch_id for touch in touches(run) if touch.hints.source == "twice"}) == 1


def test_a_purchase_is_an_order_with_its_link(receiver: Receiver, run: IngestRun) -> None:
    order_id = f"o{next(_numbers)}"
    told = event(order_id=order_id, value="19.90", currency="EUR", email="kanari@mail.test")
    assert post(receiver, "conversions", told).status_code == 204
    (order,) = [one for one in written(run, topics.CONVERSIONS, Order) if one.order_id == order_id]
    assert (order.source, order.shop_id, order.gross_micros) == ("web", "shop", 19_900_000)
    links = [one for one in written(run, topics.LINKS, Link) if one.customer_id == order.customer_id]
    assert {(one.visitor_id, one.source) for one in links} == {(order.visitor_id, "order")}


def test_the_bad_among_good_ones_is_told_and_costs_them_nothing(receiver: Receiver, run: IngestRun) -> None:
    good = [event(url="https://shop.test/?utm_source=good-ones") for _ in range(40)]
    bad = {"event_id": "kanari-bad", "consent": "kanari"}
    answer = post(receiver, "touches", {"events": [*good[:20], bad, *good[20:]]})
    assert answer.status_code == 400
    assert answer.json() == {"refused": [{"event": 20, "reason": "invalid_field", "detail": "consent"}]}
    assert len([touch for touch in touches(run) if touch.hints.source == "good-ones"]) == 40
    refused = 'engagement_collector_events_total{endpoint="touches",outcome="invalid_field",site="shop"}'
    assert receiver.metric(refused) >= 1


def test_a_login_without_consent_is_counted_and_kept_nowhere(receiver: Receiver, run: IngestRun) -> None:
    before = len(written(run, topics.LINKS, Link))
    told = event(event_name="login", customer_id="7", consent="denied")
    assert post(receiver, "conversions", told).status_code == 204
    assert len(written(run, topics.LINKS, Link)) == before


# -- who may write -----------------------------------------------------------------------------------------------


def test_only_a_known_key_writes(receiver: Receiver) -> None:
    for key in ("", "wk_unknown_0123456789"):
        assert post(receiver, "touches", event(), {"X-Write-Key": key}).status_code == 401
    path = f"touches?write_key={KEY}"
    assert post(receiver, path, event(), {"X-Write-Key": ""}).status_code == 401


def test_a_script_writes_for_the_site_whose_origin_it_has(receiver: Receiver) -> None:
    assert post(receiver, "touches", event(), {"Origin": ORIGIN}).status_code == 204
    for origin in ("https://evil.test", "null", "http://shop.test"):
        answer = post(receiver, "touches", event(), {"Origin": origin})
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert post(receiver, "touches", event(), {"Origin": ORIGIN, "X-Write-Key": OTHER_KEY}).status_code == 403
    assert post(receiver, "touches", event(), {"X-Write-Key": OTHER_KEY}).status_code == 204


def preflight(receiver: Receiver, origin: str) -> requests.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-write-key"}
    return requests.options(receiver.url("/collect/touches"), headers=asked, timeout=30)


def test_a_browser_that_asks_first_is_told(receiver: Receiver) -> None:
    allowed = preflight(receiver, ORIGIN)
    assert allowed.status_code == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert allowed.headers["Access-Control-Allow-Methods"] == "POST"
    assert "X-Write-Key" in allowed.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    refused = preflight(receiver, "https://evil.test")
    assert (refused.status_code, refused.headers["Vary"]) == (403, "Origin")
    assert "Access-Control-Allow-Origin" not in refused.headers


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=b", 415),
        ({"Content-Encoding": "gzip"}, b"{}", 415),
        ({}, b"a" * 70_000, 413),
        ({}, b"", 400),
        ({}, b"\xff\xfe", 400),
        ({}, b"[" * 5_000, 400),
        ({}, b"null", 400),
    ],
    ids=["form", "gzip", "large", "empty", "no text", "deep", "null"],
)
def test_what_is_no_event_is_refused(receiver: Receiver, headers: dict[str, str], body: bytes, status: int) -> None:
    assert post(receiver, "touches", body, headers).status_code == status


def test_methods_and_paths_that_are_not_listed_do_not_exist(receiver: Receiver) -> None:
    assert requests.get(receiver.url("/collect/touches"), timeout=30).status_code == 405
    assert requests.post(receiver.url("/collect/click"), timeout=30).status_code == 405
    assert requests.get(receiver.url("/collect/other"), timeout=30).status_code == 404


def test_who_comes_too_often_is_asked_to_wait_and_a_click_still_goes_on(run: IngestRun) -> None:
    with run.receiver(ENGAGEMENT_COLLECT_RATE_PER_HOST="0.2", ENGAGEMENT_TRUSTED_PROXIES="1") as slow:
        slow.wait_ready()

        def statuses(host: str) -> list[int]:
            headers = {"X-Forwarded-For": f"198.51.100.1, {host}"}
            return [post(slow, "touches", event(), headers).status_code for _ in range(3)]

        assert statuses("203.0.113.1") == [204, 429, 429]
        assert statuses("203.0.113.2")[0] == 204
        limited = post(slow, "touches", event(), {"X-Forwarded-For": "203.0.113.1"})
        assert 1 <= int(limited.headers["Retry-After"]) <= 6
        assert click(slow, headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 302
        assert slow.metric('engagement_collector_requests_total{endpoint="click",outcome="limited"}') == 1


# -- clicks ------------------------------------------------------------------------------------------------------


def click(
    receiver: Receiver, to: str = "https://shop.test/a?b=c", headers: dict[str, str] | None = None, **query: str
) -> requests.Response:
    return requests.get(
        receiver.url("/collect/click"),
        params={"site": "shop", "to": to, **query},
        headers={"User-Agent": PERSON} | (headers or {}),
        allow_redirects=False,
        timeout=30,
    )


def test_a_click_goes_on_and_is_noted(receiver: Receiver, run: IngestRun) -> None:
    answer = click(receiver, utm_source="newsletter-x")
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://shop.test/a?b=c")
    assert answer.headers["Cache-Control"] == "no-store"
    (touch,) = [touch for touch in touches(run) if touch.hints.source == "newsletter-x"]
    assert (touch.kind, touch.bot, touch.hints.landing) == ("click", None, "shop.test/a")


def test_a_program_that_follows_links_is_no_person(receiver: Receiver, run: IngestRun) -> None:
    for headers in ({"Sec-Purpose": "prefetch"}, {"User-Agent": "Googlebot/2.1"}):
        assert click(receiver, headers=headers, utm_source="programs").status_code == 302
    query = {"site": "shop", "to": "https://shop.test/", "utm_source": "programs"}
    looked = requests.head(receiver.url("/collect/click"), params=query, headers={"User-Agent": PERSON}, timeout=30)
    assert looked.status_code == 302
    assert sorted(str(one.bot) for one in touches(run) if one.hints.source == "programs") == [
        "bot",
        "prefetch",
        "scanner",
    ]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("site=shop&to=https://evil.test/", 400),
        ("site=shop&to=https://evil.test/&to=https://shop.test/", 400),
        ("site=shop&to=https://shop.test%40evil.test/", 400),
        ("site=shop&to=%2F%2Fevil.test", 400),
        ("site=shop&to=https://shop.test/%0d%0aSet-Cookie:%20a=b", 400),
        ("site=shop", 400),
        ("site=app&to=https://shop.test/", 400),
        ("site=none&to=https://shop.test/", 404),
        ("to=https://shop.test/", 404),
    ],
)
def test_a_click_leads_to_listed_hosts_and_nowhere_else(receiver: Receiver, query: str, status: int) -> None:
    answer = requests.get(receiver.url(f"/collect/click?{query}"), allow_redirects=False, timeout=30)
    assert answer.status_code == status
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_without_kafka_people_go_on_and_events_come_again(run: IngestRun) -> None:
    with run.receiver(ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1") as alone:
        assert click(alone).status_code == 302
        assert alone.metric('engagement_collector_requests_total{endpoint="click",outcome="unwritten"}') == 1
        answer = post(alone, "touches", event(), {"Origin": ORIGIN})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


# -- the snippet and what is kept --------------------------------------------------------------------------------


def test_the_snippet_is_served_to_any_page_and_cached(receiver: Receiver) -> None:
    answer = requests.get(receiver.url("/collect/engagement.js"), timeout=30)
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    again = requests.get(
        receiver.url("/collect/engagement.js"), headers={"If-None-Match": answer.headers["ETag"]}, timeout=30
    )
    assert again.status_code == 304


def test_nothing_that_names_a_person_leaves_the_collector(receiver: Receiver, run: IngestRun) -> None:
    person = {
        "visitor_id": "kanari-1",
        "email": "kanari-2@mail.test",
        "phone": "+49 30 7265210",
        "customer_id": "kanari-3",
    }
    for fields in (person, {"visitor_id": "kanari-4", "customer_id": "kanari-5"}):
        told = event(**fields, value="1", currency="EUR", url="https://shop.test/?kanari=kanari-6&fbclid=ok")
        assert post(receiver, "conversions", told).status_code == 204
        assert post(receiver, "touches", told).status_code == 204
    post(receiver, "touches", event(kind="kanari-7"), {"X-Write-Key": "kanari-key-0123456789"})
    click(receiver, to="https://kanari-8.test/")
    kept = "".join(
        str(value) for topic in topics.INPUTS for record in read(run.bootstrap, topic.name) for value in record
    )
    told_to_us = receiver.log.read_text(encoding="utf-8") + requests.get(receiver.url("/metrics"), timeout=10).text
    for kanari in ("kanari-", "7265210", "mail.test", KEY):
        assert kanari not in kept + told_to_us
