"""The one configuration file (TOML, named by `ENGAGEMENT_CONFIG`): brands, accounts, intervals, retention, privacy.

Its shape, and the checks that need no IO. `deploy/engagement.example.toml` shows it whole.
"""

import datetime as dt
import tomllib
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

Positive = Annotated[int, Meta(gt=0)]
Word = Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,64}$")]


class Brand(Struct, frozen=True, forbid_unknown_fields=True):
    """A company's brand: what organic and paid are joined by."""

    name: str


class Account(Struct, frozen=True, forbid_unknown_fields=True):
    """One account of a brand at a platform: a page, a channel, an ad account, a shop. `platform` is the name of a
    folder of `ingest/platforms`. `zone` decides its days; changing it needs `engagement rebuild`.
    `access_token_expires_at`: so that somebody hears of it in time, where the platform does not tell.
    """

    platform: Word
    id: Annotated[str, Meta(min_length=1, max_length=255)]
    name: str
    brand: Word
    connected_at: dt.datetime
    zone: str = "UTC"
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")] = "USD"
    access_token_file: str | None = None
    access_token_expires_at: dt.datetime | None = None


class Site(Struct, frozen=True, forbid_unknown_fields=True):
    """A website of a brand whose visitors are noted. `write_keys` say which site speaks; a page shows them, so they
    are no secrets. `origins` are the origins whose scripts may write; `redirect_hosts` where a click may be sent on
    to. `zone` decides its days; changing it needs `engagement rebuild`. `consent`: a visitor is known once they said
    yes (`opt_in`), or unless they said no (`opt_out`).
    """

    id: Word
    brand: Word
    write_keys: tuple[Annotated[str, Meta(min_length=16, max_length=128)], ...]
    origins: tuple[str, ...] = ()
    redirect_hosts: tuple[str, ...] = ()
    zone: str = "UTC"
    consent: Literal["opt_in", "opt_out"] = "opt_in"


class Polling(Struct, frozen=True, forbid_unknown_fields=True):
    """How often an account is polled, in seconds, and how far each poll re-reads.

    `posts_seconds`: how often new posts are looked for; those that are known are read more or less often by their age
    and activity, on the same scale. `page_size`: the most to ask for at a time.
    """

    posts_seconds: Positive = 60
    comments_seconds: Positive = 300
    insights_seconds: Positive = 3600
    tick_seconds: Positive = 60
    overlap_seconds: Positive = 600
    post_age_days: Positive = 30
    page_size: Annotated[int, Meta(ge=1, le=100)] = 100


class Retention(Struct, frozen=True, forbid_unknown_fields=True):
    """Days that rows and interactions are kept, against the account's newest time. Lifetime rows stay for ever."""

    minute_days: Positive = 3
    hour_days: Positive = 35
    day_days: Positive = 400
    interaction_days: Positive = 400
    postgres_minute_days: Positive = 10
    """Postgres keeps minute rows longer than the processors do: engagement decay reads a week of them."""
    people_days: Positive = 400
    """Names go so many days after their person was last seen."""


class Partitions(Struct, frozen=True, forbid_unknown_fields=True):
    """Partition counts, fixed when the topics are created: they bound how far a processor scales out."""

    organic: Annotated[int, Meta(ge=1, le=256)] = 4
    paid: Annotated[int, Meta(ge=1, le=256)] = 2
    shared: Annotated[int, Meta(ge=1, le=256)] = 2


class Privacy(Struct, frozen=True, forbid_unknown_fields=True):
    """`pseudonymise`: actor ids become keyed hashes before Kafka. `text`: whether comment text is kept at all.

    `people`: whether names and profile addresses are kept (`named`) beside the pseudonyms, so that one can be thanked.
    """

    pseudonymise: bool = True
    text: bool = False
    people: Literal["pseudonym", "named"] = "pseudonym"


Weight = Annotated[int, Meta(ge=0, le=12)]


class Weights(Struct, frozen=True, forbid_unknown_fields=True):
    """Activity weight of each kind of interaction, on the scale of levels (docs/semantics.md, section 6)."""

    reaction: Weight = 1
    comment_reaction: Weight = 1
    follow: Weight = 1
    comment: Weight = 3
    reply: Weight = 4
    share: Weight = 7
    mention: Weight = 7


class Community(Struct, frozen=True, forbid_unknown_fields=True):
    """What makes a level and an ambassador. Changing it needs `engagement rebuild`."""

    weights: Weights = Weights()
    ambassador_level: Annotated[int, Meta(ge=1, le=12)] = 7
    ambassador_advocacy: Positive = 2
    """Shares and mentions standing, together."""


class ChannelRule(Struct, frozen=True, forbid_unknown_fields=True):
    """A touch is of `channel` if, of everything named here, one word fits; `*` stands for anything.

    `source`, `medium`, `campaign`: utm parameters in lower case. `click_id`: names of parameters. `referrer`: hosts.
    """

    channel: Annotated[str, Meta(pattern=r"^[a-z0-9_:.-]{1,64}$")]
    source: tuple[str, ...] = ()
    medium: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()
    click_id: tuple[str, ...] = ()
    referrer: tuple[str, ...] = ()


PathTransform = Literal["all", "without_repeats", "first_occurrences", "without_direct", "without_trailing_direct"]


class Attribution(Struct, frozen=True, forbid_unknown_fields=True):
    """How purchases are credited to touches; changing it needs `engagement rebuild paid`.

    `click_days`, `view_days`: how long before a purchase a touch may lie. `paths`: what is left of journeys before
    their channels are counted. `channels`: rules that precede the built-in ones.
    """

    click_days: Positive = 30
    view_days: Positive = 1
    paths: tuple[PathTransform, ...] = ("without_repeats",)
    channels: Annotated[tuple[ChannelRule, ...], Meta(max_length=50)] = ()


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    brands: dict[Word, Brand] = {}
    accounts: tuple[Account, ...] = ()
    sites: tuple[Site, ...] = ()
    polling: Polling = Polling()
    retention: Retention = Retention()
    partitions: Partitions = Partitions()
    privacy: Privacy = Privacy()
    community: Community = Community()
    attribution: Attribution = Attribution()

    def account(self, platform: str, account_id: str) -> Account | None:
        """The configured account, or None."""
        return next((a for a in self.accounts if a.platform == platform and a.id == account_id), None)


class InvalidConfig(ValueError):
    """Everything that is wrong with a configuration, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def parse(text: str) -> Config:
    """Read a configuration; raises `InvalidConfig` with all problems that are visible at once."""
    try:
        config = msgspec.convert(tomllib.loads(text), Config)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidConfig([str(error)]) from None
    if problems := list(_problems(config)):
        raise InvalidConfig(problems)
    return config


def _problems(config: Config) -> list[str]:
    found = []
    seen = set()
    for account in config.accounts:
        name = f"account {account.platform}:{account.id}"
        if (account.platform, account.id) in seen:
            found.append(f"{name}: stands twice")
        seen.add((account.platform, account.id))
        if account.brand not in config.brands:
            found.append(f"{name}: brand {account.brand!r} is not declared")
        if account.connected_at.tzinfo is None:
            found.append(f"{name}: connected_at needs a zone, for instance a trailing Z")
        if account.access_token_expires_at is not None and account.access_token_expires_at.tzinfo is None:
            found.append(f"{name}: access_token_expires_at needs a zone, for instance a trailing Z")
        if not _is_zone(account.zone):
            found.append(f"{name}: {account.zone!r} is no IANA time zone")
    sites: set[str] = set()
    keys: set[str] = set()
    for site in config.sites:
        if site.id in sites:
            found.append(f"site {site.id}: stands twice")
        if site.brand not in config.brands:
            found.append(f"site {site.id}: brand {site.brand!r} is not declared")
        if keys & set(site.write_keys):
            found.append(f"site {site.id}: a write key of another site")
        if not _is_zone(site.zone):
            found.append(f"site {site.id}: {site.zone!r} is no IANA time zone")
        sites.add(site.id)
        keys.update(site.write_keys)
    limits = config.retention
    if not limits.minute_days <= limits.hour_days <= limits.day_days <= limits.interaction_days:
        found.append("retention: minute_days <= hour_days <= day_days <= interaction_days must hold")
    return found


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
