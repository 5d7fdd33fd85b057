"""How Jetstream is asked for what the accounts need: all of it for all of them over one connection."""

from ingest.platforms import Address, Resume
from ingest.platforms.bluesky.uris import COLLECTIONS

LARGEST_MESSAGE = 1_048_576
"""Jetstream leaves out what is larger, so that nothing can stand in the way of what follows."""
LOOKBACK_MS = 36 * 3_600_000
REWIND_US = 10_000_000
"""On another host the same message has another time."""


def connect(resume: Resume) -> Address:
    """The position is a time in microseconds: the stream begins with it. Whose posts are liked cannot be asked for."""
    cursor = resume.since * 1000 if resume.position is None else int(resume.position)
    if resume.position is not None and resume.is_elsewhere:
        cursor -= REWIND_US
    wanted = [("wantedCollections", collection) for collection in COLLECTIONS]
    return Address("/subscribe", [*wanted, ("maxMessageSizeBytes", str(LARGEST_MESSAGE)), ("cursor", str(cursor))])
