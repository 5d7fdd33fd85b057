"""Inputs that a receiver meets and must survive, each with what is to become of it.

`CHANGES`: (name, JSON text of one change, outcome). `DELIVERIES`: (name, body, outcome). An outcome is `keep`, a reason
for a drop, or a reason for a dead letter.
"""

import json

from tests.unit.ingest.instagram import SENT, change, comment, delivery, flat


def _change(**fields: object) -> str:
    return json.dumps(change(comment() | fields))


def _raw(name: str, literal: str) -> str:
    return _change(**{name: "@@"}).replace('"@@"', literal)


def _other(field: str, value: str) -> str:
    return f'{{"field":"{field}","value":{value}}}'


_GOOD = _change()

CHANGES: list[tuple[str, str, str]] = [
    # -- encoding
    ("lone high surrogate in a text", _raw("text", r'"\ud83d"'), "keep"),
    ("reversed surrogates in a text", _raw("text", r'"\udc00\ud83d"'), "keep"),
    ("NUL in a text", _raw("text", r'"a\u0000b"'), "keep"),
    ("NUL in a key", _GOOD.replace('"text"', r'"te\u0000xt"'), "keep"),
    ("lone surrogate in an id", _raw("id", r'"\ud800"'), "invalid_text"),
    ("NUL in an id", _raw("id", r'"a\u0000b"'), "invalid_text"),
    ("lone surrogate in an author", _raw("from", r'{"id":"\ud800"}'), "invalid_text"),
    ("lone surrogate in a name", _raw("from", r'{"id":"9001","username":"\ud800"}'), "keep"),
    ("lone surrogate in a media", _raw("media", r'{"id":"\ud800"}'), "invalid_text"),
    ("lone surrogate in the name of the field", _other(r"\ud800", "{}"), "unsubscribed_field"),
    # -- shape
    ("null", "null", "invalid_field"),
    ("true", "true", "invalid_field"),
    ("zero", "0", "invalid_field"),
    ("string", '"comments"', "invalid_field"),
    ("empty array", "[]", "invalid_field"),
    ("empty object", "{}", "invalid_field"),
    ("value is an array", _other("comments", "[]"), "invalid_field"),
    ("value is null", _other("comments", "null"), "invalid_field"),
    ("value is missing", '{"field":"comments"}', "invalid_field"),
    ("value is empty", _other("comments", "{}"), "missing_field"),
    ("field is a number", '{"field":7,"value":{}}', "invalid_field"),
    ("field in another case", _other("Comments", "{}"), "unsubscribed_field"),
    ("duplicate keys, the last one counts", _GOOD.replace('"id": "1791"', '"id": 7.5, "id": "1791"', 1), "keep"),
    ("unknown fields", _change(__proto__={"a": 1}, __class__="x", schema=99), "keep"),
    # -- schema
    ("id is missing", _change(id=None), "missing_field"),
    ("id is empty", _change(id=""), "invalid_field"),
    ("id of 1 KiB", _change(id="x" * 1024), "invalid_field"),
    ("id with a newline", _change(id="a\nb"), "invalid_field"),
    ("id with separators", _change(id="a|b%7C"), "keep"),
    ("id is a list", _change(id=["a"]), "invalid_field"),
    ("id is a boolean", _change(id=True), "invalid_field"),
    ("id is a fraction", _change(id=1.5), "invalid_field"),
    ("id beyond 2^53 as a number", _change(id=2**63 + 1), "keep"),
    ("media is null", _change(media=None), "missing_field"),
    ("media is a string", _change(media="1800"), "invalid_field"),
    ("media without id", _change(media={"media_product_type": "FEED"}), "missing_field"),
    ("media's id is empty", _change(media={"id": ""}), "invalid_field"),
    ("ad's id is empty", _change(media={"id": "1800", "ad_id": ""}), "invalid_field"),
    ("parent is empty", _change(parent_id=""), "invalid_field"),
    ("author is null", _change(**{"from": None}), "keep"),
    ("author is a string", _change(**{"from": "9001"}), "invalid_field"),
    ("author's id is empty", _change(**{"from": {"id": ""}}), "invalid_field"),
    ("author's name is a list", _change(**{"from": {"id": "9001", "username": []}}), "keep"),
    ("text is a number", _change(text=7), "invalid_field"),
    # -- text
    ("families of emoji", _change(text="👨‍👩‍👧‍👦"), "keep"),
    ("text that turns around", _change(text="\u202e#evil \u2028\u2066"), "keep"),
    ("terminal escapes and a fake log line", _change(text='\x1b[31m\r\n{"level":"error"}'), "keep"),
    ("SQL, HTML, formats, paths", _change(text="'; DROP TABLE x; --<script>%s{0}../../etc"), "keep"),
    ("comment beyond 64 KiB", _change(text="x" * 65_537), "oversized"),
    ("a thousand hashtags", _change(text="#x " * 1000), "keep"),
    # -- mentions and stories
    ("mention of nothing", _other("mentions", "{}"), "missing_field"),
    ("mention of an empty comment", _other("mentions", '{"comment_id":"","media_id":"1"}'), "invalid_field"),
    ("mention of a list", _other("mentions", '{"comment_id":[1]}'), "invalid_field"),
    ("mention is a string", _other("mentions", '"1791"'), "invalid_field"),
    ("story without media", _other("story_insights", '{"reach":5}'), "missing_field"),
    ("story of less than floored", _other("story_insights", '{"media_id":"1","reach":-2}'), "invalid_field"),
    ("story of text", _other("story_insights", '{"media_id":"1","reach":"5"}'), "invalid_field"),
    ("story of a fraction", _other("story_insights", '{"media_id":"1","reach":5.5}'), "invalid_field"),
    ("story beyond 64 bits", _other("story_insights", f'{{"media_id":"1","reach":{10**30}}}'), "invalid_field"),
    ("story of too large a number", _other("story_insights", '{"media_id":"1","reach":1e999}'), "invalid_field"),
]

_TEXT = delivery(comment())
_FLAT = flat(comment())

DELIVERIES: list[tuple[str, bytes, str]] = [
    ("empty", b"", "unreadable_body"),
    ("cut in the middle", _TEXT[:-7], "unreadable_body"),
    ("list cut before its end", _FLAT[:-1], "unreadable_body"),
    ("UTF-16", _TEXT.decode().encode("utf-16"), "unreadable_body"),
    ("NaN", _TEXT.replace(str(SENT).encode(), b"NaN"), "unreadable_body"),
    ("two documents", _TEXT + _TEXT, "unreadable_body"),
    ("null", b"null", "invalid_envelope"),
    ("empty list", b"[]", "invalid_envelope"),
    ("list of nothing", b"[null]", "invalid_envelope"),
    ("list in a list", b"[" + _FLAT + b"]", "invalid_envelope"),
    ("list of two objects", b"[" + _TEXT + b',{"object":"page","entry":[]}]', "invalid_envelope"),
    ("empty object", b"{}", "invalid_envelope"),
    ("another object", b'{"object":"user","entry":[]}', "invalid_envelope"),
    ("object in another case", _TEXT.replace(b'"instagram"', b'"Instagram"'), "invalid_envelope"),
    ("no entries", b'{"object":"instagram"}', "invalid_envelope"),
    ("entries are an object", b'{"object":"instagram","entry":{}}', "invalid_envelope"),
    ("entry is null", b'{"object":"instagram","entry":[null]}', "invalid_envelope"),
    ("entry without id", b'{"object":"instagram","entry":[{"changes":[]}]}', "invalid_envelope"),
    ("changes are an object", b'{"object":"instagram","entry":[{"id":"1784","changes":{}}]}', "invalid_envelope"),
    ("flat field is a number", flat(comment(), field=7), "invalid_envelope"),
    ("flat value is missing", _FLAT.replace(b'"value"', b'"valve"'), "invalid_field"),
    ("time of the entry is text", delivery(comment(), time="x"), "invalid_envelope"),
    ("time of the entry is a fraction", delivery(comment(), time=1.5), "invalid_envelope"),
    ("time 0", delivery(comment(), time=0), "invalid_time"),
    ("time in microseconds", delivery(comment(), time=SENT * 10**6), "invalid_time"),
    ("time of 30 digits", delivery(comment(), time=10**30), "invalid_time"),
    ("year 10000", delivery(comment(), time=253_402_300_800_000), "invalid_time"),
    ("ten years ahead", delivery(comment(), time=SENT + 315_360_000), "future_time"),
    ("no time", flat(comment(), time=None), "missing_field"),
    ("2000 levels", b"[" * 2000 + b"]" * 2000, "too_deep"),
    ("too many values", b'{"object":"instagram","entry":[' + b"0," * 200_000 + b"0]}", "too_deep"),
    ("Latin-1 in a text", _TEXT.replace(b"hello", b"caf\xe9"), "unreadable_body"),
    ("cut UTF-8 in a flat text", _FLAT.replace(b"hello", b"\xe2\x82"), "unreadable_body"),
    ("half a surrogate pair in a flat text", _FLAT.replace(b"hello", rb"\ud83d"), "keep"),
    ("half a surrogate pair beside the change", _TEXT.replace(b'"time"', rb'"x":"\ud83d","time"'), "keep"),
    ("an account that is not ours", delivery(comment(), to="2002"), "unknown_account"),
    ("id of the account is a number", flat(comment(), to=1784), "keep"),
    ("id of the account is empty", delivery(comment(), to=""), "invalid_field"),
    ("a key of 1 MiB", _TEXT.replace(b'"text"', b'"' + b"k" * (1 << 20) + b'"'), "keep"),
    ("brackets and commas inside a text", delivery(comment(text="[{," * 20_000)), "keep"),
]


def batch_of_500_with(text: str) -> bytes:
    """250 good comments, the change, and 249 good ones."""
    good = [json.dumps(change(comment(id=f"c{n}"))) for n in range(499)]
    changes = ",".join([*good[:250], text, *good[250:]])
    return f'{{"object":"instagram","entry":[{{"id":"1784","time":{SENT},"changes":[{changes}]}}]}}'.encode()
