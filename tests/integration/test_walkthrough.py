"""docs/walkthrough.md is true: each step is run as it is written there, and gives what stands there."""

import json
import re
from collections import defaultdict
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

from contracts import config as configuration
from deploy.grafana.boards import ENGAGEMENT
from deploy.grafana.panel import Prom
from ingest import platforms
from ingest.intake import Intake
from ingest.platforms import Delivery
from ingest.records import Record, Records
from processors.engagement import organic
from processors.engine.positions import version
from runtime.seal import Sealer
from sinks.prometheus.samples import AccountFigures
from tests.integration.sink_run import SinkRun

TEXT = (Path(__file__).parents[2] / "docs" / "walkthrough.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^## \d\. .+: `([\w/]+)\.py`, `([\w.]+)`$", TEXT, re.MULTILINE)
BLOCKS: dict[str, list[str]] = defaultdict(list)
for name, content in re.findall(r"^```\w+ (\w+)\n(.*?)\n```$", TEXT, re.MULTILINE | re.DOTALL):
    BLOCKS[name].append(content)

FACEBOOK = platforms.load()["facebook"]
CONFIG = configuration.parse(BLOCKS["config"][0])
RECEIVED_AT = int(re.findall(r"at (\d{13}) by our clock", TEXT)[0])
SECRETS = dict(line.split(" = ") for line in BLOCKS["settings"][0].splitlines())
HEAD, BODY = BLOCKS["delivery"][0].split("\n\n")


def record() -> Record:
    """What the delivery writes to Kafka."""
    records = Records(CONFIG.partitions)
    intake = Intake(CONFIG, {"facebook": FACEBOOK}, SECRETS["identity_key"], Sealer([SECRETS["seal_key"]]), records)
    [written] = intake.delivery([FACEBOOK], BODY.encode(), "webhook", RECEIVED_AT).records
    return written


def rows() -> list[tuple[str, bytes, bytes]]:
    """What a flush writes to the aggregate topics after the record was folded, as the first one of its partition."""
    processor, written = organic.processor(CONFIG), record()
    state = processor.new_state(0, written.partition, CONFIG.partitions.organic)
    state.fold(written.topic, [(0, written.key, written.value)])
    changes = state.changes(version(0, dict.fromkeys(processor.sources, 0) | {written.topic: 1}))
    return [(topic, key, value) for topic, key, value in changes if topic in processor.aggregate_topics and value]


def asked(sink: SinkRun, query: str) -> list[list[str]]:
    """The answer of PostgreSQL as text: names, then rows."""
    found = sink.query(query)
    return [list(found[0]), *([str(value) for value in row.values()] for row in found)]


def shown_table(result: str) -> list[list[str]]:
    """A table as psql prints it."""
    return [[cell.strip() for cell in line.split("|")] for line in result.splitlines() if "-+-" not in line]


def test_at_most_six_files_are_to_be_read_and_their_functions_exist() -> None:
    assert 0 < len({file for file, _ in STEPS}) <= 6
    for file, function in STEPS:
        assert callable(reduce(getattr, function.split("."), import_module(file.replace("/", ".")))), function


def test_the_delivery_is_signed_and_posted_where_the_receiver_listens() -> None:
    request, *headers = HEAD.splitlines()
    webhook = FACEBOOK.webhook
    assert webhook is not None
    assert request == f"POST /webhooks/{webhook.endpoint}"
    signature = dict(line.split(": ") for line in headers)[webhook.signature_header]
    assert webhook.verify(Delivery(BODY.encode(), {}, [signature], 0), [SECRETS["meta_app_secrets"].encode()]) == 0


def test_its_bytes_become_the_record() -> None:
    written = record()
    assert f"{written.topic} {written.key.decode()} {written.partition}" == BLOCKS["address"][0]
    assert json.loads(written.value or b"") == json.loads(BLOCKS["event"][0])


def test_folding_the_record_makes_the_rows() -> None:
    shown = [f"{topic} {key.decode()} {value.decode()}" for topic, key, value in rows()]
    assert shown == BLOCKS["rows"][0].splitlines()


def test_the_rows_come_out_of_postgres(sink: SinkRun) -> None:
    for topic, key, value in rows():
        sink.put_bytes(topic, key, value, record().partition)
    sink.apply(accounts=CONFIG.accounts)
    answers = [asked(sink, query) for query in BLOCKS["query"]]
    assert answers == [shown_table(result) for result in BLOCKS["result"]]


def test_the_rows_are_exposed_to_prometheus() -> None:
    figures = AccountFigures()
    for topic, key, value in rows():
        figures.apply(topic, key, value)
    shown = []
    for metric, samples in figures.samples():
        for sample in filter(lambda sample: sample.value, samples):
            labels = ",".join(f'{name}="{label}"' for name, label in zip(metric.labels, sample.labels, strict=True))
            shown.append(f"{metric.name}{{{labels}}} {sample.value}")
    assert shown == BLOCKS["samples"][0].splitlines()


@pytest.mark.parametrize(
    ("panel", "asks"),
    [
        ("Interactions per minute", "analytics.engagement_by_account_minute"),
        ("Live interactions per minute", "engagement_interactions_total"),
        ("People on the newest day", "engagement_unique_engagers"),
    ],
)
def test_the_panels_named_show_these_figures(panel: str, asks: str) -> None:
    assert f"*{panel}*" in " ".join(TEXT.split())
    assert f"`{asks}`" in TEXT
    [named] = [one for row in ENGAGEMENT.rows for one in row.panels if one.title == panel]
    assert any(asks in (query.expr if isinstance(query, Prom) else query.sql) for query in named.queries)
