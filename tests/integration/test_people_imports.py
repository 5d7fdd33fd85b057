"""Lists of ambassadors and buyers, given to the real commands: all of a file or nothing, and nobody's id is kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from click.testing import CliRunner, Result

from deploy.local.stack import LocalStack
from ingest import contact
from ingest.identity import pseudonymiser
from runtime.cli import engagement

CONFIG = '[brands.acme]\nname = "Acme"\n\n[brands.birch]\nname = "Birch"\n'
LENA, MO = "24681357", "97531"
CODES = f"""brand,kind,code,platform,person,personal
acme,code,LENA10,facebook,{LENA},
acme,link,mo's own,facebook,{MO},yes
"""
BUYERS = f"brand,platform,person,email,phone\nacme,facebook,{LENA},lena@mail.example,+49 30 1234567\n"


@pytest.fixture
def database(
    dsn: str, stores: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[psycopg.Connection[Any]]:
    """The commands log in as the planner."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    planner = urlunsplit(urlsplit(stores.dsn("planner"))._replace(path=urlsplit(dsn).path))
    monkeypatch.setenv("ENGAGEMENT_POSTGRES_DSN", planner)
    monkeypatch.setenv("ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS", stores.bootstrap_servers)
    monkeypatch.setenv("ENGAGEMENT_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("ENGAGEMENT_IDENTITY_KEY", "key")
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection
        connection.execute("TRUNCATE analytics.ambassador_codes, analytics.imported_buyers")


def given(directory: Path, word: str, text: str, *options: str, name: str = "list.csv") -> Result:
    (directory / name).write_text(text, encoding="utf-8")
    return CliRunner().invoke(engagement, [word, "import", str(directory / name), *options])


def imported(directory: Path, word: str, text: str, *options: str, name: str = "list.csv") -> str:
    done = given(directory, word, text, *options, name=name)
    assert done.exit_code == 0, done.output
    return done.output.strip()


def codes(database: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return database.execute(
        "SELECT brand, kind, code, actor_id, is_personal, source FROM analytics.ambassador_codes ORDER BY brand, code"
    ).fetchall()


def test_people_are_kept_by_the_names_that_ingest_gives_them(database: psycopg.Connection[Any], tmp_path: Path) -> None:
    assert imported(tmp_path, "ambassadors", CODES) == "2 added, 0 changed, 0 unchanged, 0 removed"
    assert imported(tmp_path, "buyers", BUYERS) == "2 added, 0 changed, 0 unchanged, 0 removed"
    name, customer = pseudonymiser("key", "facebook"), pseudonymiser("key", "customer")
    assert codes(database) == [
        ("acme", "code", "lena10", name(LENA), False, "list.csv"),
        ("acme", "link", "mo's own", name(MO), True, "list.csv"),
    ]
    found = database.execute("SELECT actor_id, customer_id FROM analytics.imported_buyers").fetchall()
    hashes = (contact.email("lena@mail.example"), contact.phone("+49301234567"))
    assert set(found) == {(name(LENA), customer(hashed or "")) for hashed in hashes}
    for table in ("ambassador_codes", "imported_buyers"):
        for (row,) in database.execute(f"SELECT t::text FROM analytics.{table} AS t".encode()).fetchall():
            assert not any(secret in row for secret in (LENA, MO, "lena@", "1234567"))


def test_the_same_again_changes_nothing_and_the_same_code_replaces(
    database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    imported(tmp_path, "ambassadors", CODES)
    assert imported(tmp_path, "ambassadors", CODES) == "0 added, 0 changed, 2 unchanged, 0 removed"
    again = f"brand,kind,code,platform,person\nacme,code,Lena10,facebook,{MO}\nbirch,code,lena10,facebook,{LENA}\n"
    assert imported(tmp_path, "ambassadors", again) == "1 added, 1 changed, 0 unchanged, 0 removed"
    name = pseudonymiser("key", "facebook")
    assert [row[:4] for row in codes(database)] == [
        ("acme", "code", "lena10", name(MO)),
        ("acme", "link", "mo's own", name(MO)),
        ("birch", "code", "lena10", name(LENA)),
    ]


def test_replace_deletes_what_an_earlier_file_of_the_name_had(
    database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    imported(tmp_path, "ambassadors", CODES)
    imported(tmp_path, "ambassadors", CODES.replace("acme", "birch"), name="birch.csv")
    one = "".join(CODES.splitlines(keepends=True)[:2])
    assert imported(tmp_path, "ambassadors", one, "--replace") == "0 added, 0 changed, 1 unchanged, 1 removed"
    assert [row[:3] for row in codes(database)] == [
        ("acme", "code", "lena10"),
        ("birch", "code", "lena10"),
        ("birch", "link", "mo's own"),
    ]
    imported(tmp_path, "buyers", BUYERS)
    mail = BUYERS.replace("+49 30 1234567", "")
    assert imported(tmp_path, "buyers", mail, "--replace") == "0 added, 0 changed, 1 unchanged, 1 removed"


@pytest.mark.parametrize(
    ("word", "text", "told"),
    [
        ("ambassadors", CODES + "acme,code,x,facebook,,\n", "list.csv, line 4: no person"),
        ("buyers", BUYERS + "acme,facebook,1,somebody,\n", "list.csv, line 3: email is no e-mail address"),
        ("buyers", "brand\nacme\n", "list.csv, line 1: no column platform"),
    ],
)
def test_a_file_that_is_wrong_anywhere_is_not_imported(
    database: psycopg.Connection[Any], tmp_path: Path, word: str, text: str, told: str
) -> None:
    done = given(tmp_path, word, text)
    assert done.exit_code == 1
    assert told in done.output
    assert "nothing was imported" in done.output
    assert "somebody" not in done.output
    assert codes(database) == []
    assert database.execute("SELECT count(*) FROM analytics.imported_buyers").fetchone() == (0,)


def test_a_file_in_another_encoding_says_so(database: psycopg.Connection[Any], tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(CODES.replace("LENA", "ZOË").encode("latin-1"))
    done = CliRunner().invoke(engagement, ["ambassadors", "import", str(tmp_path / "list.csv")])
    assert (done.exit_code, "not UTF-8" in done.output) == (1, True)
