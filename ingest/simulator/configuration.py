"""The pipeline's configuration for a simulated world, and the token that its APIs ask for."""

import json
import math
import secrets
from collections.abc import Iterable
from pathlib import Path

from contracts.config import Account, Site
from ingest.simulator.population import BRANDS
from ingest.simulator.shows import Configured
from ingest.simulator.timeline import DAYS

CONFIG = "config.toml"
ACCESS_FILE = "page-access"

_POLLING = """[polling]
posts_seconds = {quick}
comments_seconds = {quick}
insights_seconds = {slow}
tick_seconds = {quick}
overlap_seconds = 600
post_age_days = 30
page_size = 100
"""
_LONG = """[retention]
minute_days = {days}
hour_days = {days}
postgres_minute_days = {days}
"""
"""For worlds that outlast minute rows: where a second is a day, nobody can tell which facts came too late for one."""
MARGIN_DAYS = 30
"""What an hour is measured by lies up to 29 days back."""


def write(directory: Path, found: Iterable[Configured], seconds: float, days: float = DAYS) -> Path:
    """Write `config.toml` into the directory, of all the shows."""
    token = token_in(directory)
    path = directory / CONFIG
    path.write_text(render(list(found), token.absolute(), seconds, days), encoding="utf-8")
    return path


def token_in(directory: Path) -> Path:
    """The file of the accounts' token; an existing one stays."""
    directory.mkdir(parents=True, exist_ok=True)
    token = directory / ACCESS_FILE
    if not token.exists():
        token.touch(mode=0o600)
        token.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    return token


def read_token(directory: Path) -> str:
    return (directory / ACCESS_FILE).read_text(encoding="utf-8").strip()


def render(found: Iterable[Configured], token: Path, seconds: float, days: float = DAYS) -> str:
    """TOML. A played world is polled every few seconds of the wall clock, an endless one at leisure."""
    found = list(found)
    quick, slow = (6, 20) if seconds else (30, 300)
    parts = [_POLLING.format(quick=quick, slow=slow)]
    if days > DAYS:
        parts.append(_LONG.format(days=math.ceil(days) + MARGIN_DAYS))
    parts += [f"[brands.{name}]\nname = {_text(title)}\n" for name, title in BRANDS.items()]
    parts += [_account(account, token) for one in found for account in one.accounts]
    parts += [_site(site) for one in found for site in one.sites]
    return "\n".join(parts)


def _account(account: Account, token: Path) -> str:
    lines = [
        "[[accounts]]",
        f"platform = {_text(account.platform)}",
        f"id = {_text(account.id)}",
        f"name = {_text(account.name)}",
        f"brand = {_text(account.brand)}",
        f"zone = {_text(account.zone)}",
        f"currency = {_text(account.currency)}",
        f"connected_at = {account.connected_at.isoformat()}",
        f"access_token_file = {_text(account.access_token_file or str(token))}",
        "",
    ]
    return "\n".join(lines)


def _site(site: Site) -> str:
    lines = [
        "[[sites]]",
        f"id = {_text(site.id)}",
        f"brand = {_text(site.brand)}",
        f"zone = {_text(site.zone)}",
        f"consent = {_text(site.consent)}",
        f"write_keys = {_texts(site.write_keys)}",
        f"origins = {_texts(site.origins)}",
        f"redirect_hosts = {_texts(site.redirect_hosts)}",
        "",
    ]
    return "\n".join(lines)


def _text(value: str) -> str:
    """A basic TOML string; JSON's escapes are among TOML's."""
    return json.dumps(value, ensure_ascii=False)


def _texts(values: Iterable[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)
