"""Happenings as the hub pushes them: Atom entries of videos that are new, renamed or gone, and nothing else."""

import datetime as dt
from collections.abc import Iterable, Sequence
from random import Random
from typing import cast
from xml.sax.saxutils import escape, quoteattr

from ingest.simulator.happenings import Happening
from ingest.simulator.outbox import Dialect
from ingest.simulator.wire import Change
from ingest.simulator.youtube.malformed import Malformed
from ingest.simulator.youtube.world import Video

_HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:at="http://purl.org/atompub/tombstones/1.0" '
    'xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="https://pubsubhubbub.appspot.com"/>'
    "<title>YouTube video feed</title>"
)
_ENTRY = (
    "<entry><id>yt:video:{video}</id><yt:videoId>{video}</yt:videoId><yt:channelId>{channel}</yt:channelId>"
    "<title>{title}</title><author><name>{name}</name><uri>https://www.youtube.com/channel/{channel}</uri></author>"
    "<published>{published}</published><updated>{updated}</updated></entry>"
)
_GONE = (
    "<at:deleted-entry ref={ref} when={when}><at:by><name>{name}</name>"
    "<uri>https://www.youtube.com/channel/{channel}</uri></at:by></at:deleted-entry>"
)


def moment(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).isoformat()


def entry(
    video: str, channel: str, published: str, updated: str, title: str = "A video", name: str = "Somebody"
) -> str:
    """A video that was published or changed."""
    return _ENTRY.format(
        video=escape(video),
        channel=escape(channel),
        title=escape(title),
        name=escape(name),
        published=published,
        updated=updated,
    )


def gone(ref: str, channel: str, when: str, name: str = "Somebody") -> str:
    """A video that was deleted."""
    return _GONE.format(ref=quoteattr(ref), when=quoteattr(when), name=escape(name), channel=escape(channel))


def changes(happening: Happening, _rng: Random) -> list[Change]:
    """One entry for what happened to a video."""
    video, channel = cast(Video, happening.post), happening.page
    is_deleted = happening.verb == "deleted"
    now = moment(happening.at)
    if is_deleted:
        text = gone(f"yt:video:{video.id}", channel.id, now, channel.name)
    else:
        text = entry(video.id, channel.id, moment(video.created_at), now, video.title(happening.at + 1), channel.name)
    return [
        Change(
            page=channel.id,
            text=text,
            deletes=video.id if is_deleted else None,
            made_at=happening.at,
            tells_when=True,
        )
    ]


def body(_sent_at: int, of_channels: Iterable[tuple[str, Sequence[str]]]) -> bytes:
    """One feed of all their entries."""
    return f"{_HEAD}{''.join(text for _, texts in of_channels for text in texts)}</feed>".encode()


DIALECT = Dialect(changes, body, lambda: Malformed(entry, gone, body), frozenset(("add", "edited", "remove")))
