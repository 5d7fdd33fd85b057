"""What every delivery must become. `python -m tests.contract.facebook_golden` writes it anew, to be reviewed."""

import json
from pathlib import Path
from typing import Any

import msgspec

from contracts.outcome import Drop, Keep, Refuse
from ingest.platforms import Part
from tests.unit.ingest.facebook import parts

FIXTURES = Path(__file__).parents[1] / "fixtures" / "facebook"
DELIVERIES = sorted((FIXTURES / "webhook").glob("*.json"))
GOLDEN = FIXTURES / "events.json"


def described(part: Part) -> dict[str, Any]:
    """A part as JSON: the kept record without what is empty, or the word it was dropped or refused for."""
    match part.outcome:
        case Keep(fact):
            record: dict[str, Any] = json.loads(msgspec.json.encode(fact))
            return {type(fact).__name__: {name: found for name, found in record.items() if found not in (None, [])}}
        case Drop(reason):
            return {"drop": reason}
        case Refuse(reason, detail):
            return {"refuse": reason, "detail": detail}


def became(path: Path) -> list[dict[str, Any]]:
    return [described(part) for part in parts(path.read_bytes())]


if __name__ == "__main__":
    golden = {path.stem: became(path) for path in DELIVERIES}
    GOLDEN.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
