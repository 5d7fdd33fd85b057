"""The documents name what there is: files, commands, settings, tables. What they say of it is for people to check."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from deploy.local.settings import LocalSettings
from ingest import platforms
from ingest.platforms import Platform
from runtime.cli import COMMANDS
from runtime.settings import PREFIX, Settings, variable

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("ingest/**/README.md")]
MIGRATIONS = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("sinks/postgres/migrations/*.sql"))
STAGES = ("ingest", "processors", "sinks")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def settings() -> Iterator[str]:
    """Every variable that a process of ours reads, and the secrets' own."""
    declared: list[type[Settings]] = [LocalSettings]
    for stage in STAGES:
        found = vars(import_module(f"{stage}.settings")).values()
        declared += [one for one in found if isinstance(one, type) and issubclass(one, Settings)]
    yield from (variable(name) for one in declared for name in one.model_fields)


def settings_of(platform: Platform) -> Iterator[str]:
    """Every variable that a platform adds where it has accounts."""
    if platform.webhook:
        hook = platform.webhook
        yield from (variable(one.name) for one in (hook.secrets, hook.verify_token) if one)
    if platform.poll:
        yield from (variable(one.name) for one in (platform.poll.base_url, platform.poll.token))


def explained(document: str) -> set[str]:
    """The variables that a document's tables name."""
    named: set[str] = set(re.findall(rf"`({PREFIX}[A-Z_]+)", text(document)))
    return {name.removesuffix("_FILE") for name in named}


def listed(document: str) -> list[str]:
    """The names in the first column of its tables; `_hour` after `engagement_by_post_minute` is a short form."""
    names: list[str] = []
    for cell in re.findall(r"^\| (`[a-z_]+`[^|]*) \|", document, re.MULTILINE):
        stem = ""
        for name in re.findall(r"`([a-z_]+)`", cell):
            names.append(stem + name if name.startswith("_") else name)
            stem = stem or name.rpartition("_")[0]
    return names


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        name, _, heading = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), link
        if heading:
            titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in [title.lower().replace(" ", "-") for title in titles], link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_command_exists(document: Path) -> None:
    named = re.findall(r"(?:`|^ +|/)engagement ([a-z][a-z-]*)", document.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) <= COMMANDS.keys()


def test_every_setting_is_explained_and_no_other() -> None:
    assert explained("docs/operations.md") == set(settings())


@pytest.mark.parametrize("platform", platforms.load().values(), ids=lambda platform: platform.name)
def test_every_setting_of_a_platform_is_explained_in_its_readme(platform: Platform) -> None:
    assert set(settings_of(platform)) <= explained(f"ingest/platforms/{platform.name}/README.md")


def test_every_table_and_view_is_in_the_readme_once_and_no_other() -> None:
    created = r"^CREATE (?:TABLE|VIEW|MATERIALIZED VIEW) (?:analytics|pipeline)\.(\w+)"
    made = set(re.findall(created, MIGRATIONS, re.MULTILINE))
    found = listed(text("README.md").partition("## Tables")[2].partition("## Limits")[0])
    assert sorted(found) == sorted(made)
