"""Inputs that a receiver meets and must survive, each with what is to become of it.

`CHANGES`: (name, JSON text of one change, outcome). `DELIVERIES`: (name, body, outcome). An outcome is `keep`, a reason
for a drop, or a reason for a dead letter.
"""

import gzip
import json
from random import Random

from tests.unit.ingest.facebook import POST, RECEIVED_AT, SENT, delivery, value


def _change(**fields: object) -> str:
    return json.dumps({"field": "feed", "value": value("comment", "add") | fields})


def _without(name: str) -> str:
    change = json.loads(_change())
    del change["value"][name]
    return json.dumps(change)


def _raw(name: str, literal: str) -> str:
    return _change(**{name: "@@"}).replace('"@@"', literal)


_GOOD = _change()

CHANGES: list[tuple[str, str, str]] = [
    # -- encoding
    ("lone high surrogate in a text", _raw("message", r'"\ud83d"'), "keep"),
    ("lone low surrogate in a text", _raw("message", r'"\udc00"'), "keep"),
    ("reversed surrogates in a text", _raw("message", r'"\udc00\ud83d"'), "keep"),
    ("NUL in a text", _raw("message", r'"a\u0000b"'), "keep"),
    ("NUL in a key", _GOOD.replace('"message"', r'"mess\u0000age"'), "keep"),
    ("noncharacters in a text", _raw("message", r'"\ufffe\uffff"'), "keep"),
    ("U+FFFE at the beginning of a text", _raw("message", r'"\ufffea"'), "keep"),
    ("lone surrogate in an id", _raw("comment_id", r'"\ud800"'), "invalid_text"),
    ("NUL in an id", _raw("comment_id", r'"a\u0000b"'), "invalid_text"),
    ("lone surrogate in an actor", _raw("from", r'{"id":"\ud800"}'), "invalid_text"),
    # -- shape
    ("null", "null", "invalid_field"),
    ("true", "true", "invalid_field"),
    ("zero", "0", "invalid_field"),
    ("string", '"feed"', "invalid_field"),
    ("empty array", "[]", "invalid_field"),
    ("empty object", "{}", "invalid_field"),
    ("value is an array", '{"field":"feed","value":[]}', "invalid_field"),
    ("value is null", '{"field":"feed","value":null}', "invalid_field"),
    ("value is missing", '{"field":"feed"}', "invalid_field"),
    ("value is empty", '{"field":"feed","value":{}}', "missing_field"),
    ("field is a number", '{"field":7,"value":{}}', "invalid_field"),
    (
        "duplicate keys, the last one counts",
        _GOOD.replace('"item": "comment"', '"item": "x", "item": "comment"'),
        "keep",
    ),
    ("unknown fields", _change(__proto__={"a": 1}, __class__="x", schema=99), "keep"),
    ("number that is no double", _raw("created_time", "1e999"), "invalid_field"),
    ("minus zero", _raw("created_time", "-0"), "invalid_time"),
    ("number of 30 digits", _raw("created_time", "9" * 30), "invalid_time"),
    ("exponent", _raw("created_time", "1.79e9"), "invalid_field"),
    ("number of 5000 digits", _raw("created_time", "9" * 5000), "unreadable_body"),
    ("objects in 20 levels", _raw("from", '{"id":' * 20 + "1" + "}" * 20), "invalid_field"),
    # -- schema
    ("item is null", _change(item=None), "missing_field"),
    ("item is a number", _change(item=7), "invalid_field"),
    ("item that nobody knows", _change(item="telepathy"), "unknown_item"),
    ("verb that nobody knows", _change(verb="dream"), "unknown_item"),
    ("verb is a number", _change(verb=1), "invalid_field"),
    ("post is missing", _without("post_id"), "missing_field"),
    ("post is null", _change(post_id=None), "missing_field"),
    ("post is empty", _change(post_id=""), "invalid_field"),
    ("time is missing", _without("created_time"), "keep"),
    ("id is left out", _without("comment_id"), "missing_field"),
    ("a schema of tomorrow", _change(schema=2, version="99"), "keep"),
    ("item in another case", _change(item="Comment"), "unknown_item"),
    ("verb is missing", _change(verb=None), "missing_field"),
    ("verb is empty", _change(verb=""), "missing_field"),
    ("id is missing", _change(comment_id=None), "missing_field"),
    ("id is empty", _change(comment_id=""), "invalid_field"),
    ("id of 1 KiB", _change(comment_id="x" * 1024), "invalid_field"),
    ("id with a newline", _change(comment_id="a\nb"), "invalid_field"),
    ("id with separators", _change(comment_id="a|b%7C"), "keep"),
    ("id is a list", _change(comment_id=["a"]), "invalid_field"),
    ("id is a boolean", _change(comment_id=True), "invalid_field"),
    ("id is a fraction", _change(comment_id=1.5), "invalid_field"),
    ("id beyond 2^53 as a number", _change(comment_id=2**63 + 1), "keep"),
    ("actor is null", _change(**{"from": None}), "keep"),
    ("actor is a string", _change(**{"from": "55"}), "invalid_field"),
    ("actor's id is empty", _change(**{"from": {"id": ""}}), "invalid_field"),
    # -- time
    ("time 0", _change(created_time=0), "invalid_time"),
    ("time -1", _change(created_time=-1), "invalid_time"),
    ("time in milliseconds", _change(created_time=SENT * 1000), "invalid_time"),
    ("time in microseconds", _change(created_time=SENT * 10**6), "invalid_time"),
    ("time 10^18", _change(created_time=10**18), "invalid_time"),
    ("year 9999", _change(created_time=253_370_764_800), "invalid_time"),
    ("year 1", _change(created_time=-62_135_596_800), "invalid_time"),
    ("time in nanoseconds", _change(created_time=SENT * 10**9), "invalid_time"),
    ("four minutes ahead", _change(created_time=RECEIVED_AT // 1000 + 240), "keep"),
    ("six minutes ahead", _change(created_time=RECEIVED_AT // 1000 + 360), "future_time"),
    ("time is a date of RFC 822", _change(created_time="Mon, 21 Sep 2026 14:15:00 GMT"), "invalid_field"),
    ("time is true", _change(created_time=True), "invalid_field"),
    ("year 10000", _change(created_time=253_402_300_800), "invalid_time"),
    ("time is text", _change(created_time="2026-03-01T10:00:00"), "invalid_field"),
    ("time is empty", _change(created_time=""), "invalid_field"),
    ("time is a fraction", _change(created_time=1.5), "invalid_field"),
    ("ten years ahead", _change(created_time=SENT + 315_360_000), "future_time"),
    # -- text
    ("families of emoji", _change(message="👨‍👩‍👧‍👦"), "keep"),
    ("fifty combining marks", _change(message="e" + "\u0301" * 50), "keep"),
    ("text that turns around", _change(message="\u202e#evil \u2028\u2066"), "keep"),
    ("terminal escapes and a fake log line", _change(message='\x1b[31m\r\n{"level":"error"}'), "keep"),
    ("SQL, HTML, formats, paths", _change(message="'; DROP TABLE x; --<script>%s{0}../../etc"), "keep"),
    ("comment of 64 KiB", _change(message="x" * 65_536), "keep"),
    ("comment beyond 64 KiB", _change(message="x" * 65_537), "oversized"),
    ("a thousand hashtags", _change(message="#x " * 1000), "keep"),
    ("only spaces", _change(message="   "), "keep"),
    ("invisible tags", _change(message="a" + "\U000e0041" * 20), "keep"),
    ("text is a number", _change(message=7), "invalid_field"),
    ("text is a list", _change(message=["a"]), "invalid_field"),
    ("ids that look alike are different", _change(comment_id="раypal"), "keep"),
]

_TEXT = delivery(value("comment", "add"))

DELIVERIES: list[tuple[str, bytes, str]] = [
    ("empty", b"", "unreadable_body"),
    ("whitespace", b" \n", "unreadable_body"),
    ("NUL", b"\0", "unreadable_body"),
    ("UTF-8 with a byte order mark", b"\xef\xbb\xbf" + _TEXT, "unreadable_body"),
    ("UTF-16", _TEXT.decode().encode("utf-16"), "unreadable_body"),
    ("UTF-16, the other way round", _TEXT.decode().encode("utf-16-be"), "unreadable_body"),
    ("a bare continuation byte in a text", _TEXT.replace(b"hello", b"\x80"), "unreadable_body"),
    ("half a UTF-8 surrogate in a text", _TEXT.replace(b"hello", b"\xed\xa0\x80"), "unreadable_body"),
    ("1 KiB by chance", Random(5).randbytes(1024), "unreadable_body"),
    ("8 MiB of one letter", b"a" * (8 << 20), "unreadable_body"),
    ("a text without its end", _TEXT[: _TEXT.index(b"hello") + 3], "unreadable_body"),
    ("a number of 5000 digits", _TEXT.replace(b"1790000005", b"9" * 5000), "unreadable_body"),
    ("objects in 2000 levels", b'{"a":' * 2000 + b"1" + b"}" * 2000, "too_deep"),
    ("700,000 keys", b"{" + b",".join(b'"%d":0' % n for n in range(700_000)) + b"}", "too_deep"),
    ("UTF-16 without a mark", _TEXT.decode().encode("utf-16-le"), "unreadable_body"),
    ("gzip", gzip.compress(_TEXT), "unreadable_body"),
    ("cut in the middle", _TEXT[:-7], "unreadable_body"),
    ("trailing comma", _TEXT[:-1] + b",}", "unreadable_body"),
    ("single quotes", _TEXT.replace(b'"', b"'"), "unreadable_body"),
    ("comment", _TEXT + b"// x", "unreadable_body"),
    ("two documents", _TEXT + _TEXT, "unreadable_body"),
    ("NaN", _TEXT.replace(str(SENT).encode(), b"NaN"), "unreadable_body"),
    ("Infinity", _TEXT.replace(str(SENT).encode(), b"Infinity"), "unreadable_body"),
    ("minus infinity", _TEXT.replace(str(SENT).encode(), b"-Infinity"), "unreadable_body"),
    ("null", b"null", "invalid_envelope"),
    ("true", b"true", "invalid_envelope"),
    ("0", b"0", "invalid_envelope"),
    ("string", b'"page"', "invalid_envelope"),
    ("array", b"[]", "invalid_envelope"),
    ("empty object", b"{}", "invalid_envelope"),
    ("another object", b'{"object":"user","entry":[]}', "invalid_envelope"),
    ("object in another case", _TEXT.replace(b'"page"', b'"Page"'), "invalid_envelope"),
    ("no entries", b'{"object":"page"}', "invalid_envelope"),
    ("entries are an object", b'{"object":"page","entry":{}}', "invalid_envelope"),
    ("entry is null", b'{"object":"page","entry":[null]}', "invalid_envelope"),
    ("entry without id", b'{"object":"page","entry":[{"changes":[]}]}', "invalid_envelope"),
    ("changes are an object", b'{"object":"page","entry":[{"id":"1001","changes":{}}]}', "invalid_envelope"),
    ("time of the entry is text", delivery(value("comment", "remove"), time="x"), "invalid_envelope"),
    ("33 levels", _TEXT.replace(b'"hello"', b"[" * 28 + b"]" * 28), "too_deep"),
    ("2000 levels", b"[" * 2000 + b"]" * 2000, "too_deep"),
    ("too many values", b'{"object":"page","entry":[' + b"0," * 200_000 + b"0]}", "too_deep"),
    ("Latin-1 in a text", _TEXT.replace(b"hello", b"caf\xe9"), "unreadable_body"),
    ("overlong UTF-8 in a text", _TEXT.replace(b"hello", b"\xc0\xaf"), "unreadable_body"),
    ("cut UTF-8 in a text", _TEXT.replace(b"hello", b"\xe2\x82"), "unreadable_body"),
    ("a page that is not ours", delivery(value("comment", "add"), page="2002"), "unknown_account"),
    ("id of the page is a number", delivery(value("comment", "add"), page=1001), "keep"),
    ("id of the page is empty", delivery(value("comment", "add"), page=""), "invalid_field"),
    ("a key of 1 MiB", _TEXT.replace(b'"message"', b'"' + b"k" * (1 << 20) + b'"'), "keep"),
    ("brackets and commas inside a text", delivery(value("comment", "add", message="[{," * 20_000)), "keep"),
]


def batch_of_500_with(change: str) -> bytes:
    """250 good comments, the change, and 249 good ones."""
    good = [json.dumps({"field": "feed", "value": value("comment", "add", comment_id=f"c{n}")}) for n in range(499)]
    changes = ",".join([*good[:250], change, *good[250:]])
    assert POST in changes
    return f'{{"object":"page","entry":[{{"id":"1001","time":{SENT},"changes":[{changes}]}}]}}'.encode()
