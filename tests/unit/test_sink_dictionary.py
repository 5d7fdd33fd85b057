"""The data dictionary names everything that a reader can select from."""

from contracts import tables
from sinks.postgres import dictionary, migrate


def test_every_declared_column_stands_in_the_dictionary_with_its_type() -> None:
    text = dictionary.render([migration.sql for migration in migrate.load()])
    for table in tables.load().values():
        section = text.partition(f"## analytics.{table.name}\n")[2].partition("\n## ")[0]
        for column in table.columns:
            assert f"| `{column.name}` | {column.type} |" in section


def test_a_later_comment_replaces_an_earlier_one_and_bars_do_not_break_the_table() -> None:
    first = "COMMENT ON VIEW a.b IS 'It''s a view.';\nCOMMENT ON COLUMN a.b.c IS 'old';\n"
    text = dictionary.render([first, "COMMENT ON COLUMN a.b.c IS 'x | y';\n"])
    assert "## a.b\nIt's a view. (view)" in text
    assert "| `c` | x \\| y |" in text
    assert "old" not in text
