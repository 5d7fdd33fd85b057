"""What comes in from a platform: what is known about it, what becomes of it, and how it is pushed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from contracts.config import Account
from contracts.events import Channel, EngagementEvent, Person, Post, Snapshot, Wake
from contracts.outcome import Outcome
from contracts.paid import PaidFact

Fact = EngagementEvent | Post | Snapshot | PaidFact | Wake


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that the platform needs: its environment variable is `ENGAGEMENT_<NAME>`.

    `required` is about accounts of this platform being configured; without one nothing is asked for.
    """

    name: str
    kind: Literal["text", "secret", "secrets"]
    required: bool = True
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known about an input besides its bytes. `received_at` is our wall clock, in epoch milliseconds.

    `pseudonym` turns an actor's id at the platform into what may leave this process; `visitor` and `customer` do so for
    those of websites and shops, for all of them alike, so that what is one person at two of them stays one.
    `keep_names`: whether the names of actors may, too, beside their events.
    """

    received_at: int
    channel: Channel
    source_id: str
    accounts: Mapping[str, Account]
    pseudonym: Callable[[str], str]
    visitor: Callable[[str], str] = field(kw_only=True)
    customer: Callable[[str], str] = field(kw_only=True)
    keep_text: bool = False
    keep_names: bool = False


class Part(NamedTuple):
    """What became of one part of an input.

    For a refused one, `body` is what to replay: an input of its own that holds this part and nothing else.
    `identity` is what makes it the same when it comes again, if that is less than the body. `whole`: the delivery
    itself was refused, not one change of it. `person`: what the actor of a kept event is called.
    """

    outcome: Outcome[Fact]
    account_id: str | None = None
    body: bytes = b""
    identity: bytes = b""
    whole: bool = False
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a delivery may be: bytes, JSON values, and levels of nesting."""

    max_bytes: int
    max_values: int
    max_depth: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was posted to an endpoint. `address` is what follows the endpoint's name in the path, `signatures` all
    values of the signature's header, `received_at` our wall clock in epoch milliseconds. Header names are in any
    case."""

    body: bytes
    headers: Mapping[str, str]
    signatures: Sequence[str]
    received_at: int
    address: str = ""


def _verbatim(delivery: Delivery) -> bytes:
    return delivery.body


@dataclass(frozen=True, slots=True)
class Webhook:
    """How the platform pushes. Platforms may share an `endpoint`; then `object` tells their deliveries apart.

    `verify(delivery, secrets)` gives the position of the secret that signed, or None. `envelop` makes one input of a
    delivery: its body, unless the headers say what it is; `parse` gives the parts of an input, in order, be it new or
    a dead letter's. `answer_handshake(query, token)` is the text to answer a subscription with, or None to refuse it.
    `is_ping`: whether this needs no signature, says nothing, and wants a 200. `denied(query, receipt)`: what to
    look at since somebody, who may be anybody, says that the platform has ended a subscription.
    """

    endpoint: str
    limits: Limits
    signature_header: str
    secrets: Setting
    verify: Callable[[Delivery, Sequence[bytes]], int | None]
    parse: Callable[[bytes, Receipt], Iterator[Part]]
    object: str | None = None
    verify_token: Setting | None = None
    answer_handshake: Callable[[Mapping[str, str], str], str | None] | None = None
    envelop: Callable[[Delivery], bytes] = _verbatim
    is_ping: Callable[[Delivery], bool] = lambda _delivery: False
    denied: Callable[[Mapping[str, str], Receipt], Iterable[Part]] = lambda _query, _receipt: ()
