"""Who did something, as the Graph API and the webhooks of pages write it."""

from typing import Any

from msgspec import Struct

from ingest.wire import Id


class Actor(Struct, gc=False):
    """`name` may be anything: a name that is none costs the name, not what its bearer did."""

    id: Id = None
    name: Any = None
