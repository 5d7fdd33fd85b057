"""The data dictionary: every table and view of the database with its columns, out of the migrations' comments.

Pure. What it prints is what PostgreSQL shows, since both are the same text; the types are the declared ones.
"""

import re
from collections.abc import Sequence

from contracts import tables

HEADING = """<!-- Written by `python -m deploy.generate` from the comments in sinks/postgres/migrations. -->
# Data dictionary

Applications read schema `analytics`; schema `pipeline` says how far they may trust it. What every number means,
exactly: [semantics](semantics.md). A count is NULL where the platform never sends its kind as events.
"""

_COMMENT = re.compile(r"^COMMENT ON (TABLE|VIEW|MATERIALIZED VIEW|COLUMN) ([\w.]+) IS '((?:[^']|'')*)';$", re.MULTILINE)
_KINDS = {"TABLE": "", "VIEW": " (view)", "MATERIALIZED VIEW": " (materialised view)"}


def render(migrations: Sequence[str]) -> str:
    """The dictionary of these migrations, in order; a later comment on the same thing replaces an earlier one."""
    relations: dict[str, str] = {}
    columns: dict[str, dict[str, str]] = {}
    for kind, name, text in _COMMENT.findall("\n".join(migrations)):
        doc = text.replace("''", "'")
        if kind == "COLUMN":
            relation, _, column = name.rpartition(".")
            columns.setdefault(relation, {})[column] = doc
        else:
            relations[name] = doc + _KINDS[kind]
    sections = [_section(name, relations[name], columns[name]) for name in sorted(relations)]
    return "\n".join([HEADING, *sections])


def _section(name: str, doc: str, columns: dict[str, str]) -> str:
    declared = tables.load().get(name.removeprefix("analytics."))
    types = {column.name: column.type for column in declared.columns} if declared else {}
    if declared:  # in whose order they are read best, whenever they were added
        columns = {column.name: columns[column.name] for column in declared.columns}
    key = f"One row for each {', '.join(column.name for column in declared.key)}.\n\n" if declared else ""
    head = "| column | type | meaning |\n|---|---|---|\n" if types else "| column | meaning |\n|---|---|\n"
    rows = "".join(
        f"| `{column}` | {types[column]} | {_cell(text)} |\n" if types else f"| `{column}` | {_cell(text)} |\n"
        for column, text in columns.items()
    )
    return f"## {name}\n{doc}\n\n{key}{head}{rows}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
