"""How large JSON may be before it is parsed at all, measured on its bytes without building anything."""

import re

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_INNERMOST = re.compile(rb"\{\}|\[\]")
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


def exceeds(body: bytes, max_values: int, max_depth: int) -> bool:
    """Has `body` more values, or more levels of nesting, than allowed? What is no JSON may give either answer.

    >>> exceeds(b'{"a": [1, 2, "[[[["]}', max_values=10, max_depth=2)
    False
    >>> exceeds(b"[[[1]]]", max_values=10, max_depth=2)
    True
    """
    opened = body.count(b"[") + body.count(b"{")
    if opened <= max_depth and opened + body.count(b",") < max_values:
        return False  # the usual delivery ends here
    bare = _STRING.sub(b"", body)
    if bare.count(b"[") + bare.count(b"{") + bare.count(b",") >= max_values:
        return True
    nest = bare.translate(None, _NO_BRACKET)
    for _ in range(max_depth):
        nest, peeled = _INNERMOST.subn(b"", nest)
        if not peeled:
            return False  # nothing is left, or what is left is no JSON
    return _INNERMOST.search(nest) is not None
