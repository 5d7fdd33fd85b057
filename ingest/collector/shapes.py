"""What is posted to /collect/touches and /collect/conversions. Unknown fields are ignored."""

from typing import Any

import msgspec
from msgspec import Raw, Struct

MOST_EVENTS = 50


class Envelope(Struct):
    """A request's body: `events`, or one event with its fields beside `write_key`."""

    write_key: str | None = None
    events: list[Raw] | None = None


class Event(Struct):
    """What every event may say. `at`: the visitor's clock, epoch milliseconds. `url`: the page with its query."""

    event_id: str | None = None
    at: int | None = None
    consent: str | None = None
    visitor_id: str | None = None
    url: str | None = None
    referrer: str | None = None
    fbc: str | None = None


class TouchEvent(Event):
    """Somebody came, clicked or saw. `user_agent`: the visitor's, where a server tells of them."""

    kind: str = "visit"
    session_id: str | None = None
    user_agent: str | None = None


class ConversionEvent(Event):
    """Something of value, or a login (`event_name` `login`): who the visitor is. Money is in major units.

    `version`: epoch milliseconds of the last change; a greater one replaces what was said of the order before.
    """

    event_name: str = "purchase"
    order_id: str | None = None
    version: int | None = None
    status: str = "paid"
    value: Any = None
    currency: str | None = None
    refunded: Any = None
    email: str | None = None
    phone: str | None = None
    customer_id: str | None = None
    new_customer: bool | None = None
    codes: list[str] | None = None


envelope = msgspec.json.Decoder(Envelope)
touch = msgspec.json.Decoder(TouchEvent)
conversion = msgspec.json.Decoder(ConversionEvent)
