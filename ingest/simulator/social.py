"""The show of a platform on which a world of posts is played."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from contracts.config import Account
from ingest.simulator.ledger import Ledger, Notes
from ingest.simulator.population import Page
from ingest.simulator.shows import Configured, Setup, Show
from ingest.simulator.simulation import Cast, Simulation


def show(cast: Cast, addresses: Mapping[str, str], *, is_whole: bool = False) -> Show:
    """A platform of its own, with a ledger of its own."""

    def configured(setup: Setup) -> Configured:
        return Configured([account(cast.platform, page) for page in cast.made(setup).pages])

    @contextmanager
    def stage(setup: Setup) -> Iterator[Simulation]:
        with Notes(setup.notes_of(cast.platform), cast.platform) as notes:
            yield Simulation(setup, notes, cast)

    return Show(cast.platform, (cast.platform,), addresses, configured, stage, truth, is_whole)


def account(platform: str, page: Page) -> Account:
    """What the pipeline is told of a page."""
    connected_at = dt.datetime.fromtimestamp(page.connected_at, dt.UTC)
    return Account(platform, page.id, page.name, page.brand, connected_at, page.zone, page.currency)


def truth(directory: Path | None) -> Ledger:
    return Ledger([]) if directory is None else Ledger.read(directory)
