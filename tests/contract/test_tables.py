"""Promises about declared tables."""

import msgspec
import pytest

from contracts import tables
from contracts.table import Column, Table, row_struct

ALL = list(tables.load().values())


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_everything_is_explained(table: Table) -> None:
    assert table.doc.endswith(".")
    assert all(column.doc.endswith(".") for column in table.columns)


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_column_names_are_unique_and_keys_are_known(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert not any(column.nullable for column in table.key)


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_partitioned_tables_have_their_time_in_the_key(table: Table) -> None:
    assert not table.range_partitioned or table.key[-1].type == "timestamptz"


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_what_a_row_leaves_out_comes_back(table: Table) -> None:
    grain = {column.name: _example(column) for column in table.key}
    struct = row_struct(table)
    row = struct(**grain, version=7)
    again = msgspec.json.decode(msgspec.json.encode(row), type=struct)
    assert again == row


def _example(column: Column) -> object:
    return 1_790_000_000_000 if column.type == "timestamptz" else "x"
