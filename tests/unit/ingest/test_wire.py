"""Half a surrogate pair, wherever it stands, costs the item it stands in and never the process."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import Raw, Struct

from ingest.collector import parse
from ingest.fields import Unusable
from ingest.wire import decoded
from tests.unit.ingest import facebook, instagram, mastodon

HALF = "\ud800"


class _Item(Struct):
    count: int | None = None
    inner: list[int] | None = None


def spoiled(document: Any) -> Iterator[Any]:
    """The document with one place of it replaced, and with one field added, for every place there is."""
    yield HALF
    if isinstance(document, dict):
        yield {**document, HALF: 1}
        for name, value in document.items():
            yield from ({**document, name: one} for one in spoiled(value))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from ([*document[:number], one, *document[number + 1 :]] for one in spoiled(value))


@pytest.mark.parametrize("document", [{HALF: 1}, {"count": HALF}, {"inner": HALF}, {"inner": [HALF]}])
def test_an_item_with_half_a_surrogate_pair_out_of_place_cannot_be_used(document: object) -> None:
    with pytest.raises(Unusable) as told:
        decoded(msgspec.json.Decoder(_Item), Raw(json.dumps(document).encode()))
    assert told.value.reason == "invalid_field"


@pytest.mark.parametrize("body", [{HALF: 1}, {"events": HALF}, {"events": [], "write_key": 1, HALF: {}}])
def test_a_request_of_a_site_is_refused(body: object) -> None:
    with pytest.raises(Unusable):
        parse.opened(json.dumps(body).encode())


def test_a_delivery_or_notification_becomes_something_whatever_is_spoiled_in_it() -> None:
    posted = json.loads(facebook.delivery(facebook.value("reaction", "add")))
    said = json.loads(instagram.delivery(instagram.comment()))
    assert all(facebook.parts(json.dumps(one).encode()) for one in spoiled(posted))
    assert all(instagram.parts(json.dumps(one).encode()) for one in spoiled(said))
    assert all(mastodon.parts(one) for one in spoiled(mastodon.notification()))
