"""The receiver on a real broker: 200 means that Kafka has it, and nothing else does."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from contracts.events import EngagementEvent
from contracts.identity import digest
from tests.integration.ingest_run import CURRENT, PREVIOUS, VERIFY_TOKEN, IngestRun, Receiver, signature

ACCEPTED = 'engagement_webhook_deliveries_total{outcome="accepted",platform="meta"}'


@pytest.fixture(scope="module")
def run(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> IngestRun:
    run = IngestRun(tmp_path_factory.mktemp("webhooks"), kafka_bootstrap)
    run.command("topics", "apply")
    return run


@pytest.fixture(scope="module")
def receiver(run: IngestRun) -> Iterator[Receiver]:
    with run.receiver() as receiver:
        receiver.wait_ready()
        yield receiver


def ids(run: IngestRun) -> set[str]:
    return {event.interaction_key for event in run.events()}


# -- handshake ---------------------------------------------------------------------------------------------------


def handshake(receiver: Receiver, **changes: str) -> requests.Response:
    query = {"hub.mode": "subscribe", "hub.challenge": "115820", "hub.verify_token": VERIFY_TOKEN}
    query |= {f"hub.{name}": value for name, value in changes.items()}
    return requests.get(receiver.url(), params=query, timeout=10)


def test_a_subscription_gets_its_challenge_back_as_plain_text(receiver: Receiver) -> None:
    answer = handshake(receiver)
    assert (answer.status_code, answer.text) == (200, "115820")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_subscription_with_another_token_is_forbidden(receiver: Receiver) -> None:
    assert handshake(receiver, verify_token="x").status_code == 403
    assert handshake(receiver, challenge="<script>").status_code == 403


# -- deliveries --------------------------------------------------------------------------------------------------


def test_after_the_answer_the_events_are_in_kafka(receiver: Receiver, run: IngestRun) -> None:
    body = run.delivery([run.value(number) for number in range(3)])
    assert receiver.deliver(body).status_code == 200
    assert {"comment|c0", "comment|c1", "comment|c2"} <= ids(run)


def test_either_secret_signs_and_which_is_counted(receiver: Receiver, run: IngestRun) -> None:
    assert receiver.deliver(run.delivery([run.value(10)]), PREVIOUS).status_code == 200
    assert receiver.metric('engagement_webhook_signatures_total{platform="meta",secret="1"}') >= 1


def test_unsigned_deliveries_leave_a_counter_and_nothing_else(receiver: Receiver, run: IngestRun) -> None:
    unauthorized = 'engagement_webhook_deliveries_total{outcome="unauthorized",platform="meta"}'
    before = receiver.metric(unauthorized)
    body = run.delivery([run.value(20)])
    wrong = signature(body, "another secret")
    for headers in ({}, {"X-Hub-Signature-256": wrong}, {"X-Hub-Signature": "sha1=" + "0" * 40}):
        assert receiver.deliver(body, None, headers).status_code == 401
    assert receiver.deliver(b"\0 no json", None).status_code == 401
    assert receiver.metric(unauthorized) == before + 4
    assert "comment|c20" not in ids(run)
    assert run.dead_letters() == []


def test_two_signature_headers_are_none(receiver: Receiver, run: IngestRun) -> None:
    body = run.delivery([run.value(21)])
    good = f"X-Hub-Signature-256: {signature(body, CURRENT)}\r\n"
    head = f"POST /webhooks/meta HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{good}{good}\r\n"
    assert exchange(receiver, head.encode() + body).startswith(b"HTTP/1.1 401")


def test_one_bad_change_in_500_is_one_dead_letter_and_499_events(receiver: Receiver, run: IngestRun) -> None:
    values = [run.value(1000 + number) for number in range(500)]
    values[250]["item"] = "hologram"
    assert receiver.deliver(run.delivery(values)).status_code == 200
    found = {event.interaction_key for event in run.events() if event.interaction_key.startswith("comment|c1")}
    assert len(found & {f"comment|c{1000 + number}" for number in range(500)}) == 499
    (letter,) = run.dead_letters()
    assert (letter.reason, letter.origin, letter.stage) == ("unknown_item", "change", "ingest")


def test_signed_bytes_that_cannot_be_read_are_sealed_and_answered_200(receiver: Receiver, run: IngestRun) -> None:
    unreadable = 'engagement_webhook_deliveries_total{outcome="unreadable",platform="meta"}'
    before = receiver.metric(unreadable)
    body = b"\xff\xfe canary " + run.page.encode()
    assert receiver.deliver(body).status_code == 200
    assert receiver.deliver(body).status_code == 200
    assert receiver.metric(unreadable) == before + 2
    listed = [json.loads(line) for line in run.command("dead-letters", "list").splitlines()]
    ours = [one for one in listed if one["id"] == digest("delivery", str(one["platform"]), body.hex())]
    assert [one["reason"] for one in ours] == ["unreadable_body"]
    shown = json.loads(run.command("dead-letters", "show", ours[0]["id"]))
    assert shown["body"] == "\\xff\\xfe canary " + run.page


@pytest.mark.parametrize(
    "told", ["text/plain", "application/json; charset=utf-16", "application/x-www-form-urlencoded", ";;"]
)
def test_what_a_delivery_is_is_told_by_its_bytes_and_not_by_its_content_type(
    receiver: Receiver, run: IngestRun, told: str
) -> None:
    before = receiver.metric(ACCEPTED)
    number = 2_000 + len(told)
    assert receiver.deliver(run.delivery([run.value(number)]), headers={"Content-Type": told}).status_code == 200
    assert f"comment|c{number}" in ids(run)
    assert receiver.metric(ACCEPTED) == before + 1


def test_a_delivery_in_utf_16_that_is_signed_is_put_aside_and_one_that_is_not_is_refused(
    receiver: Receiver, run: IngestRun
) -> None:
    body = run.delivery([run.value(2_900)]).decode().encode("utf-16")
    told = {"Content-Type": "application/json; charset=utf-16"}
    assert receiver.deliver(body, secret=None, headers=told).status_code == 401
    assert receiver.deliver(body, headers=told).status_code == 200
    listed = [json.loads(line) for line in run.command("dead-letters", "list").splitlines()]
    ours = [one for one in listed if one["id"] == digest("delivery", str(one["platform"]), body.hex())]
    assert [one["reason"] for one in ours] == ["unreadable_body"]
    assert "comment|c2900" not in ids(run)


def test_a_batch_of_1000_is_one_answer(receiver: Receiver, run: IngestRun) -> None:
    body = run.delivery([run.value(5000 + number) for number in range(1000)])
    assert len(body) > 64 * 1024
    assert receiver.deliver(body).status_code == 200
    assert len({event.event_id for event in run.events() if event.occurred_at >= 1_790_005_000_000}) == 1000


def test_deliveries_side_by_side_are_all_written(receiver: Receiver, run: IngestRun) -> None:
    failures: list[int] = []

    def deliver(start: int) -> None:
        session = requests.Session()
        for number in range(start, start + 25):
            body = run.delivery([run.value(number)])
            answer = session.post(
                receiver.url(), data=body, headers={"X-Hub-Signature-256": signature(body, CURRENT)}, timeout=60
            )
            if answer.status_code != 200:
                failures.append(number)

    threads = [threading.Thread(target=deliver, args=(20_000 + 25 * number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {f"comment|c{20_000 + number}" for number in range(200)} <= ids(run)


def test_persons_and_texts_stay_out_of_topics_logs_and_metrics(receiver: Receiver, run: IngestRun) -> None:
    value = run.value(30_000, **{"from": {"id": "canary-actor", "name": "canary-name"}})
    assert receiver.deliver(run.delivery([value, value | {"item": "hologram"}])).status_code == 200
    told = receiver.log.read_text(encoding="utf-8") + requests.get(receiver.url("/metrics"), timeout=10).text
    written = "".join(map(str, run.events())) + "".join(map(str, run.dead_letters()))
    assert "canary" not in told + written
    assert isinstance(run.events()[0], EngagementEvent)


# -- limits ------------------------------------------------------------------------------------------------------


def exchange(receiver: Receiver, sent: bytes, then: bytes = b"") -> bytes:
    """Send bytes as they are, and read until the other side closes or answers."""
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
        connection.sendall(sent)
        if then:
            connection.sendall(then)
        return connection.recv(65_536)


HEAD = b"POST /webhooks/meta HTTP/1.1\r\nHost: x\r\n"


def test_a_body_that_says_it_is_too_large_is_not_read(receiver: Receiver) -> None:
    assert exchange(receiver, HEAD + b"Content-Length: 8388609\r\n\r\n").startswith(b"HTTP/1.1 413")


def test_a_body_that_turns_out_too_large_is_cut_off(receiver: Receiver) -> None:
    chunk = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        sender = threading.Thread(target=_send_for_ever, args=(connection, chunk), daemon=True)
        sender.start()
        assert connection.recv(65_536).startswith(b"HTTP/1.1 413")
    sender.join(timeout=30)


def _send_for_ever(connection: socket.socket, chunk: bytes) -> None:
    try:
        for _ in range(64):
            connection.sendall(chunk)
    except OSError:
        return


def test_a_body_that_does_not_come_is_answered_408(receiver: Receiver) -> None:
    assert exchange(receiver, HEAD + b"Content-Length: 100\r\n\r\n", b"{").startswith(b"HTTP/1.1 408")


def test_headers_that_do_not_come_end_the_connection(receiver: Receiver) -> None:
    assert exchange(receiver, HEAD + b"X-Slow: ") == b""


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"PUT /webhooks/meta HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"POST /webhooks/other HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET /webhooks/../metrics/x HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"POST /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415),
        (HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"".join([HEAD, *(b"X-%d: x\r\n" % number for number in range(100)), b"\r\n"]), 400),
        (HEAD + b"X-Long: " + b"x" * 9000 + b"\r\n\r\n", 400),
        (b"\x16\x03\x01 this is no HTTP\r\n\r\n", 400),
    ],
    ids=["method", "endpoint", "path", "probe", "encoding", "two lengths", "many headers", "long header", "no HTTP"],
)
def test_what_is_not_listed_does_not_exist(receiver: Receiver, head: bytes, status: int) -> None:
    assert exchange(receiver, head).split(b" ")[1] == b"%d" % status


def test_expecting_to_continue_is_answered(receiver: Receiver, run: IngestRun) -> None:
    body = run.delivery([run.value(40_000)])
    signed = f"X-Hub-Signature-256: {signature(body, CURRENT)}"
    head = f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n{signed}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
        connection.sendall(HEAD + head.encode())
        assert connection.recv(1024).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        assert connection.recv(1024).startswith(b"HTTP/1.1 200")


# -- the process -------------------------------------------------------------------------------------------------


def test_metrics_have_a_port_of_their_own_if_there_is_one(run: IngestRun) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with run.receiver(ENGAGEMENT_METRICS_PORT=str(port)) as receiver:
        receiver.wait_ready()
        assert requests.get(receiver.url("/metrics"), timeout=10).status_code == 404
        assert requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).status_code == 200
        assert requests.get(f"http://127.0.0.1:{port}/readyz", timeout=10).status_code == 200


def test_without_kafka_the_answer_is_503_and_nothing_is_promised(run: IngestRun) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"127.0.0.1:{free.getsockname()[1]}"
    with run.receiver(ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS=nobody) as receiver:
        answer = receiver.deliver(run.delivery([run.value(50_000)]))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert requests.get(receiver.url("/readyz"), timeout=10).status_code == 503
        assert requests.get(receiver.url("/healthz"), timeout=10).status_code == 200


def test_topics_with_other_partition_counts_are_not_written_to(run: IngestRun, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[partitions]\norganic = 7\n" + run.config.read_text(encoding="utf-8"), encoding="utf-8")
    with run.receiver(ENGAGEMENT_CONFIG=str(other)) as receiver:
        assert "instead of 7" in str(receiver.told("topics_not_usable")["topics"])
        assert receiver.deliver(run.delivery([run.value(60_000)])).status_code == 503


def test_the_receiver_tells_when_an_account_was_heard_of_last(kafka_bootstrap: str, tmp_path: Path) -> None:
    run = IngestRun(tmp_path, kafka_bootstrap)  # of one that nothing was heard of yet, which is told at once
    value = run.value(77_000)
    with run.receiver() as receiver:
        receiver.wait_ready()
        assert receiver.deliver(run.delivery([value])).status_code == 200
        for _ in range(300):
            told = run.health().get("webhook")
            if told is not None and told.last_event_at is not None:
                break
            time.sleep(0.1)
    assert told is not None
    assert (told.kind, told.state, told.last_event_at) == ("webhook", "healthy", int(str(value["created_time"])) * 1000)
