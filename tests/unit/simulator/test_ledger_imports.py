"""The ledger shares nothing with what it judges."""

import ast
import sys
from pathlib import Path

import ingest.simulator.ledger

FOLDER = Path(ingest.simulator.ledger.__file__).parent


def test_the_ledger_imports_the_standard_library_and_itself_only() -> None:
    foreign = set()
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path.name} imports relatively"
                names = [node.module or ""]
            foreign |= {
                name
                for name in names
                if name.partition(".")[0] not in sys.stdlib_module_names
                and not name.startswith("ingest.simulator.ledger")
            }
    assert foreign == set()
