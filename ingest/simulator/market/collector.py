"""What the pages of the brands' own sites post: who came, who logged in, and what they bought there."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from itertools import count, cycle
from random import Random
from typing import Any

from ingest.simulator.market.ambassadors import typed
from ingest.simulator.market.arrivals import Arrival
from ingest.simulator.market.brands import SITES, Website
from ingest.simulator.market.orders import Note, Order, Step, decimal, link_notes, micros, order_note
from ingest.simulator.market.people import Person, as_typed
from ingest.simulator.market.telling import Telling
from ingest.simulator.sender import Endpoint
from ingest.simulator.shows import Setup

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BOTS = ("facebookexternalhit/1.1", "Mozilla/5.0 (compatible; bingbot/2.0)", "python-requests/2.32", "")
Body = dict[str, Any]


def _unsigned(_body: bytes, _other: Any) -> Mapping[str, str]:
    return {}


class Collector:
    """Posts of all sites."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._spoiling = cycle(_SPOILED)
        self._events = count(1)
        self._visitors = 0
        self._kinds = cycle(("visit", "visit", "visit", "click", "visit", "view"))

    def endpoint(self, setup: Setup) -> Endpoint:
        """A key that its pages show says which site speaks: nothing is signed."""
        headers = {"Content-Type": "text/plain;charset=UTF-8"}
        return Endpoint(f"{setup.receiver}/collect/", (), headers, _unsigned, _unsigned, taken=frozenset({204}))

    def visit(self, site: Website, at: int, arrival: Arrival, visitor: str, consent: str) -> Telling:
        """Somebody came, with an event of its own."""
        kind = next(self._kinds)
        event = self._event(site, at, arrival, visitor, consent) | {
            "kind": kind,
            "session_id": f"s-{visitor}-{at // 1800}",
        }
        return self._telling("touches", site, at, event, [_touch_note(site, at, arrival, event, None)])

    def crawl(self, site: Website, at: int, arrival: Arrival) -> Telling:
        """A program came, and said so by its name."""
        event = self._event(site, at, arrival, "v-0", "unknown") | {"kind": "visit"}
        telling = self._telling("touches", site, at, event, [_touch_note(site, at, arrival, event, "bot")])
        telling.headers = {**telling.headers, "User-Agent": self._rng.choice(BOTS)}
        return telling

    def login(self, site: Website, at: int, person: Person, visitor: str, consent: str) -> Telling:
        """A visitor says who they are."""
        event = {"event_id": f"l-{next(self._events)}", "at": at * 1000, "event_name": "login", "consent": consent}
        event |= {"visitor_id": visitor, **self._contact(person)}
        told: list[Note] = []
        if consent == "granted":
            columns = {
                "brand": site.brand,
                "named": ["login", "web", site.id, event["event_id"]],
                "visitor": visitor,
                "customer": ["email", person.email],
                "at": at * 1000,
                "source": "login",
            }
            told = [("link", columns)]
        return self._telling("conversions", site, at, event, told)

    def tellings(self, order: Order, step: Step) -> Iterable[Telling]:
        """A site's own checkout tells sums: what was refunded so far."""
        if step in ("fail", "delete"):
            return
        site = next(site for site in SITES if site.id == order.shop.id)
        consent = "granted" if order.visitor else "denied"
        currency = order.shop.currency
        event = self._event(site, order.created_at, order.arrival, order.visitor or "v-1", consent)
        event |= {"order_id": order.id, "status": order.told_status, "version": order.changed_at * 1000}
        event |= {"value": decimal(currency, order.gross), "currency": currency.lower()}
        event["new_customer"] = order.person.orders == 1
        if order.codes:
            event["codes"] = [typed(code, order.number) for code in order.codes]
        if order.refunds:
            event["refunded"] = decimal(currency, order.refunded())
        if order.is_known:
            event |= self._contact(order.person)
        else:
            event["customer_id"] = str(order.own_id)
        note = order_note(
            order,
            order.changed_at * 1000,
            order.told_status,
            hints=order.arrival.hints(f"{site.host}{order.arrival.path}"),
            customer=order.customer(str(order.own_id)),
            visitor=order.visitor,
            refunded=micros(currency, order.refunded()),
            is_new=event["new_customer"],
            codes=sorted(order.codes),
        )
        yield self._telling("conversions", site, order.changed_at, event, [note, *link_notes(note)])

    def spoiled(self, at: int) -> Telling:
        """One event that cannot be used, after a good one, which counts."""
        site = self._rng.choice(SITES)
        telling = self.visit(site, at, Arrival(), f"v-m{at}", "granted")
        body = json.loads(telling.body)
        body["events"].append(next(self._spoiling)(body["events"][0] | {"event_id": f"e-{next(self._events)}"}))
        telling.body = json.dumps(body).encode()
        telling.deserves = 400
        return telling

    def forgery(self, at: int) -> Telling:
        """With a key of nobody's."""
        telling = self.visit(self._rng.choice(SITES), at, Arrival(), "v-f", "granted")
        telling.body = telling.body.replace(b"wk-", b"wk_")
        telling.is_forged = True
        return telling

    def _event(self, site: Website, at: int, arrival: Arrival, visitor: str, consent: str) -> Body:
        event = {"event_id": f"e-{next(self._events)}", "at": at * 1000, "consent": consent, "visitor_id": visitor}
        event["url"] = arrival.url(self._rng, site.host)
        if arrival.referrer:
            event["referrer"] = arrival.referrer
        if "fbclid" in arrival.click_ids and self._rng.random() < 0.5:
            event["fbc"] = f"fb.1.{at}000.{arrival.click_ids['fbclid']}"
        return event

    def _contact(self, person: Person) -> Body:
        """As typed, or as a hash that the page made."""
        if self._rng.random() < 0.3:
            return {"email": hashlib.sha256(person.email.encode()).hexdigest()}
        return {"email": as_typed(self._rng, person.email)}

    def _telling(self, address: str, site: Website, at: int, event: Body, told: list[Note]) -> Telling:
        body = json.dumps({"write_key": site.write_key, "events": [event]}, ensure_ascii=False).encode()
        self._visitors += 1
        address_of = f"198.51.{self._visitors // 250 % 250}.{self._visitors % 250}"
        headers = {"Origin": f"https://{site.host}", "User-Agent": BROWSER, "X-Forwarded-For": address_of}
        return Telling(body, at, told, address=address, headers=headers)


def _touch_note(site: Website, at: int, arrival: Arrival, event: Body, bot: str | None) -> Note:
    columns = {
        "brand": site.brand,
        "site": site.id,
        "event": event["event_id"],
        "kind": event["kind"],
        "at": at * 1000,
        **{name: arrival.words.get(name, "") for name in ("source", "medium", "campaign")},
        "campaign_id": arrival.ids.get("campaign_id", ""),
        "channel": arrival.channel,
        "called": arrival.called,
        "visitor": event["visitor_id"] if event["consent"] == "granted" else None,
        "consent": event["consent"],
        "bot": bot is not None,
    }
    return "touch", columns


_SPOILED: tuple[Callable[[Body], Body], ...] = (
    lambda event: {name: value for name, value in event.items() if name != "event_id"},
    lambda event: event | {"kind": "glance"},
    lambda event: event | {"at": "today"},
    lambda event: event | {"consent": "perhaps"},
    lambda event: event | {"at": 86_400_000},
    lambda event: event | {"visitor_id": "v\0"},
)
