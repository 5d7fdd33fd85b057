"""The SQL of a declared table, as text: how it is created, and how rows get into it.

Pure. Identifiers come from `contracts.table` alone, never from data.
"""

from contracts.table import UPDATED_AT, Column, Table, row_struct

SCHEMA = "analytics"

_RESERVED = frozenset({"leading"})
"""Words of SQL that a column is called, so that it has to be quoted; another one would not pass a migration."""
_STAGED_TYPES = {"timestamptz": "bigint"}
_FROM_STAGED = {"timestamptz": "'epoch'::timestamptz + {} * interval '1 millisecond'"}


def created(table: Table) -> str:
    """CREATE TABLE with its key, partitioning and comments: the draft of a migration."""
    lines = [_definition(column) for column in table.columns]
    lines.append(f"PRIMARY KEY ({_names(table.key)})")
    body = ",\n".join(f"    {line}" for line in lines)
    partitioning = f" PARTITION BY RANGE ({time_column(table).name})" if table.range_partitioned else ""
    comments = "".join(
        f"COMMENT ON COLUMN {SCHEMA}.{table.name}.{column.name} IS {quoted(column.doc)};\n" for column in table.columns
    )
    return (
        f"CREATE TABLE {SCHEMA}.{table.name} (\n{body}\n){partitioning};\n"
        f"COMMENT ON TABLE {SCHEMA}.{table.name} IS {quoted(table.doc)};\n{comments}"
    )


def time_column(table: Table) -> Column:
    """The column by which a range-partitioned table is partitioned: the last of its key."""
    return table.key[-1]


def written(table: Table) -> tuple[Column, ...]:
    """The columns that a sink writes, in the order of a record's value, then `updated_at`."""
    by_name = {column.name: column for column in table.columns}
    return (*(by_name[name] for name in row_struct(table).__struct_fields__), UPDATED_AT)


def staging_created(table: Table) -> str:
    """A session's own table that rows are copied into; times stand in it as epoch milliseconds."""
    columns = ", ".join(f"{_name(c)} {_STAGED_TYPES.get(c.type, c.type)}" for c in written(table))
    return f"CREATE TEMPORARY TABLE {staging(table)} ({columns}) ON COMMIT DELETE ROWS"


def staging(table: Table) -> str:
    return f"staged_{table.name}"


def copied(table: Table) -> str:
    """COPY into the staging table; the lines are those of `rows.copy_line`."""
    return f"COPY pg_temp.{staging(table)} FROM STDIN"


def merged(table: Table) -> str:
    """Insert or replace the staged rows; a row that holds a greater version stays as it is.

    Every grain may stand in the staging table once at most.
    """
    columns = written(table)
    values = [column for column in columns if column not in table.key]
    selected = ", ".join(_FROM_STAGED.get(column.type, "{}").format(_name(column)) for column in columns)
    updates = ", ".join(f"{_name(column)} = excluded.{_name(column)}" for column in values)
    return (
        f"INSERT INTO {SCHEMA}.{table.name} AS held ({_names(columns)})\n"
        f"SELECT {selected} FROM pg_temp.{staging(table)}\n"
        f"ON CONFLICT ({_names(table.key)}) DO UPDATE SET {updates}\n"
        f"WHERE excluded.version >= held.version"
    )


def deleted(table: Table) -> str:
    """Delete the grains that are given as arrays, one a key column and then the versions, unless held newer.

    Time columns are given as epoch milliseconds.
    """
    names = [column.name for column in table.key]
    arrays = [f"%s::{_STAGED_TYPES.get(column.type, column.type)}[]" for column in table.key]
    same = " AND ".join(
        f"held.{column.name} = {_FROM_STAGED.get(column.type, '{}').format('gone.' + column.name)}"
        for column in table.key
    )
    return (
        f"DELETE FROM {SCHEMA}.{table.name} AS held\n"
        f"USING unnest({', '.join(arrays)}, %s::bigint[]) AS gone({', '.join(names)}, version)\n"
        f"WHERE {same} AND held.version <= gone.version"
    )


def quoted(text: str) -> str:
    """A string literal.

    >>> quoted("the account's day")
    "'the account''s day'"
    """
    return "'" + text.replace("'", "''") + "'"


def _names(columns: tuple[Column, ...]) -> str:
    return ", ".join(map(_name, columns))


def _name(column: Column) -> str:
    return f'"{column.name}"' if column.name in _RESERVED else column.name


def _definition(column: Column) -> str:
    text = f"{_name(column)} {column.type}"
    if column.generated is not None:
        text += f" GENERATED ALWAYS AS ({column.generated}) STORED"
    return text if column.may_be_null else f"{text} NOT NULL"
