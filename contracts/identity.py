"""Identity: how a thing is named so that the same thing always gets the same name.

Keys are made of parts that come from the internet, so joining is injective: two different tuples never
collide, whatever the parts contain.
"""

from hashlib import blake2b

_ESCAPES = str.maketrans({"%": "%25", "|": "%7C"})


def join_key(*parts: str) -> str:
    """Join `parts` with `|`; `%` and `|` inside a part are escaped, so the join can be undone.

    >>> join_key("facebook", "10|01", "5%")
    'facebook|10%7C01|5%25'
    """
    joined = "|".join(parts)
    if "%" not in joined and joined.count("|") == len(parts) - 1:
        return joined
    return "|".join([escaped(part) for part in parts])


def escaped(part: str) -> str:
    """One part of a joined key."""
    return part.translate(_ESCAPES) if "%" in part or "|" in part else part


def split_key(key: str) -> tuple[str, ...]:
    """Undo `join_key`.

    >>> split_key("facebook|10%7C01|5%25")
    ('facebook', '10|01', '5%')
    """
    return tuple(part.replace("%7C", "|").replace("%25", "%") for part in key.split("|"))


def account_key(platform: str, account_id: str) -> bytes:
    """Record key of everything that is folded with an account: `platform:account_id`."""
    return f"{platform}:{account_id}".encode()


def brand_key(brand: str) -> bytes:
    """What decides the partition of everything of the paid leg."""
    return brand.encode()


def post_key(platform: str, account_id: str, post_id: str) -> bytes:
    """Record key of `content.posts`: `platform:account_id:post_id`."""
    return f"{platform}:{account_id}:{post_id}".encode()


def digest(*parts: str) -> str:
    """128-bit blake2b over the length-prefixed parts, as 32 hex digits.

    >>> digest("a", "bc") == digest("ab", "c")
    False
    """
    hasher = blake2b(digest_size=16)
    for part in parts:
        data = part.encode()
        hasher.update(len(data).to_bytes(4, "big"))
        hasher.update(data)
    return hasher.hexdigest()


def event_id(platform: str, account_id: str, kind: str, interaction_key: str, action: str, version_key: str) -> str:
    """The same fact from a webhook, its redelivery and a poll has the same id."""
    return digest(platform, account_id, kind, interaction_key, action, version_key)


def reaction_interaction(target_id: str, actor_id: str) -> str:
    """A reaction has no id of its own: it is the relation between a target and a person."""
    return join_key("reaction", target_id, actor_id)


def follow_interaction(account_id: str, actor_id: str) -> str:
    """A page like is the relation between an account and a person."""
    return join_key("follow", account_id, actor_id)


def anonymous_interaction(kind: str, target_id: str, action: str, reaction: str, created_time: str) -> str:
    """A reaction or page like without an actor: nothing ties two of its facts together, so each stands alone."""
    return join_key("anonymous", kind, target_id, action, reaction, created_time)


def object_interaction(kind: str, object_id: str) -> str:
    """A comment or share has an id, which names its interaction."""
    return join_key(kind, object_id)


def reaction_version(reaction: str, occurred_at: int | None) -> str:
    """Version of a reaction or page like: its type and exact time; the type alone when the time is only approximate.

    >>> reaction_version("love", 1790000001000)
    'love:1790000001000'
    """
    return reaction if occurred_at is None else f"{reaction}:{occurred_at}"


def nameless(erasure_id: str) -> str:
    """What an erased person is called in the state. It sorts before every actor id, so that of several persons that an
    interaction names it is the smallest.

    >>> nameless("7f") < "0a"
    True
    """
    return f"!{erasure_id}"


def is_nameless(actor_id: str) -> bool:
    """Whether this is an erased person: nothing of them is published but numbers."""
    return actor_id.startswith("!")


def erased_person(platform: str, actor_id: str) -> str:
    """How an erasure remembers for ever whose it was, without saying it: a digest of the pseudonym."""
    return digest("erased", platform, actor_id)
