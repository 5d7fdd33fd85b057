"""The script for the pages of a site, as it is served."""

import re
from importlib.resources import files

_COMMENT = re.compile(r"/\*.*\*/")


def squeezed(source: str) -> str:
    """A script without indentation, empty lines, and lines that are a comment; it has no text of several lines."""
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not _COMMENT.fullmatch(line))


SCRIPT = squeezed(files(__name__).joinpath("engagement.js").read_text(encoding="utf-8")).encode()
