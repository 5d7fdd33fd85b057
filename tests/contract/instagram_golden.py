"""What every delivery must become. `python -m tests.contract.instagram_golden` writes it anew, to be reviewed."""

import json
from pathlib import Path
from typing import Any

from tests.contract.facebook_golden import described
from tests.unit.ingest.instagram import parts

FIXTURES = Path(__file__).parents[1] / "fixtures" / "instagram"
DELIVERIES = sorted((FIXTURES / "webhook").glob("*.json"))
GOLDEN = FIXTURES / "events.json"


def became(path: Path) -> list[dict[str, Any]]:
    return [described(part) for part in parts(path.read_bytes())]


if __name__ == "__main__":
    golden = {path.stem: became(path) for path in DELIVERIES}
    GOLDEN.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
