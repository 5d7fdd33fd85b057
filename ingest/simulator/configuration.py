"""The pipeline's configuration for a simulated world, and the token that its API asks for."""

import datetime as dt
import json
import math
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from ingest.simulator.population import BRANDS, Page
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


def write(directory: Path, pages: Mapping[str, Iterable[Page]], seconds: float, days: float = DAYS) -> Path:
    """Write `config.toml` and the accounts' token into the directory; an existing token stays. `pages` by platform."""
    directory.mkdir(parents=True, exist_ok=True)
    token = directory / ACCESS_FILE
    if not token.exists():
        token.touch(mode=0o600)
        token.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    path = directory / CONFIG
    path.write_text(render(pages, token.absolute(), seconds, days), encoding="utf-8")
    return path


def read_token(directory: Path) -> str:
    return (directory / ACCESS_FILE).read_text(encoding="utf-8").strip()


def render(pages: Mapping[str, Iterable[Page]], token: Path, seconds: float, days: float = DAYS) -> str:
    """TOML. A played world is polled every few seconds of the wall clock, an endless one at leisure."""
    quick, slow = (6, 20) if seconds else (30, 300)
    parts = [_POLLING.format(quick=quick, slow=slow)]
    if days > DAYS:
        parts.append(_LONG.format(days=math.ceil(days) + MARGIN_DAYS))
    parts += [f"[brands.{name}]\nname = {_text(title)}\n" for name, title in BRANDS.items()]
    parts += [_account(platform, page, token) for platform, theirs in pages.items() for page in theirs]
    return "\n".join(parts)


def _account(platform: str, page: Page, token: Path) -> str:
    connected_at = dt.datetime.fromtimestamp(page.connected_at, dt.UTC).isoformat()
    lines = [
        "[[accounts]]",
        f"platform = {_text(platform)}",
        f"id = {_text(page.id)}",
        f"name = {_text(page.name)}",
        f"brand = {_text(page.brand)}",
        f"zone = {_text(page.zone)}",
        f"currency = {_text(page.currency)}",
        f"connected_at = {connected_at}",
        f"access_token_file = {_text(str(token))}",
        "",
    ]
    return "\n".join(lines)


def _text(value: str) -> str:
    """A basic TOML string; JSON's escapes are among TOML's."""
    return json.dumps(value, ensure_ascii=False)
