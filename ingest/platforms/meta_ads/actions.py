"""Actions of an insights row. The platform tells one fact under several types: one type of each family is taken.

The one that covers all channels comes first, then the aggregated one, then those of single channels. They are never
added to each other.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from contracts.paid import AdResult
from ingest import money
from ingest.fields import bounded
from ingest.money import Amount
from ingest.platforms.meta_ads.requests import WINDOWS

Action = Mapping[str, Amount]
DEFAULT = "default"
"""The window of `value`: that of the ad set's own setting."""


def _standard(word: str, omni: str | None = None, mobile: str | None = None) -> tuple[str, ...]:
    return (
        f"omni_{omni or word}",
        word,
        f"offsite_conversion.fb_pixel_{word}",
        f"onsite_web_{word}",
        f"onsite_conversion.{word}",
        f"app_custom_event.fb_mobile_{mobile or word}",
        f"offline_conversion.{word}",
    )


FAMILIES: dict[str, tuple[str, ...]] = {
    "purchase": _standard("purchase"),
    "lead": (*_standard("lead")[:3], "onsite_conversion.lead_grouped", "leadgen_grouped", "onsite_web_lead"),
    "add_to_cart": _standard("add_to_cart"),
    "initiate_checkout": _standard("initiate_checkout", "initiated_checkout", "initiated_checkout"),
    "add_payment_info": _standard("add_payment_info"),
    "complete_registration": _standard("complete_registration"),
    "view_content": _standard("view_content", mobile="content_view"),
    "search": _standard("search"),
    "subscribe": ("subscribe_total", "subscribe_website", "subscribe_mobile_app", "subscribe_offline"),
    "contact": ("contact_total", "contact_website", "contact_mobile_app", "contact_offline"),
    "landing_page_view": ("omni_landing_page_view", "landing_page_view"),
    "app_install": ("omni_app_install", "mobile_app_install"),
    "messaging_conversation": ("onsite_conversion.messaging_conversation_started_7d",),
}
"""Our word -> the types that tell it, the one to take first."""


class Reactions(NamedTuple):
    """What people did with the ad as with a post."""

    reactions: int
    comments: int
    shares: int
    saves: int
    video_views: int


_POSTS = ("post_reaction", "comment", "post", "onsite_conversion.post_save", "video_view")


def reactions(actions: Sequence[Action]) -> Reactions:
    """Of the figures that a post has too. Raises `Unusable`."""
    found = _by_type(actions)
    return Reactions(*(_whole(found.get(name)) for name in _POSTS))


def results(actions: Sequence[Action], values: Sequence[Action]) -> tuple[AdResult, ...]:
    """Each family that is told, in each window that is told. Raises `Unusable`."""
    counts, worth = _by_type(actions), _by_type(values)
    told = []
    for family, types in FAMILIES.items():
        count = _first(counts, types)
        value = _first(worth, types)
        for window, key in ((DEFAULT, "value"), *((name, name) for name in WINDOWS)):
            if count is not None and count.get(key) is not None:
                told.append(
                    AdResult(
                        family=family,
                        window=window,
                        count_micros=money.from_decimal(count[key], f"actions.{window}"),
                        value_micros=_value(value, key, window),
                    )
                )
    return tuple(told)


def _value(value: Action | None, key: str, window: str) -> int | None:
    if value is None or value.get(key) is None:
        return None
    return money.from_decimal(value[key], f"action_values.{window}")


def _by_type(actions: Sequence[Action]) -> dict[str, Action]:
    return {kind: action for action in actions if isinstance(kind := action.get("action_type"), str)}


def _first(found: Mapping[str, Action], types: Sequence[str]) -> Action | None:
    return next((found[kind] for kind in types if kind in found), None)


def _whole(action: Action | None) -> int:
    return 0 if action is None else bounded(money.exact(action.get("value") or 0, "actions") // money.MICROS, "actions")
