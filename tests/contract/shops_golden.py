"""What every delivery of a shop must become. `python -m tests.contract.shops_golden` writes it anew, to be reviewed.

A file's name begins with its topic, up to two underscores.
"""

import json
from pathlib import Path
from typing import Any

from tests.contract.facebook_golden import described
from tests.unit.ingest.shops import parts

FIXTURES = Path(__file__).parents[1] / "fixtures"
PLATFORMS = ("shopify", "stripe", "woocommerce")
SEPARATORS = {"shopify": "/", "stripe": ".", "woocommerce": "."}


def deliveries(platform: str) -> list[Path]:
    return sorted((FIXTURES / platform / "webhook").glob("*.json"))


def golden(platform: str) -> Path:
    return FIXTURES / platform / "records.json"


def topic(platform: str, path: Path) -> str:
    return path.stem.partition("__")[0].replace("_", SEPARATORS[platform], 1)


def became(platform: str, path: Path) -> list[dict[str, Any]]:
    return [described(part) for part in parts(platform, path.read_bytes(), topic(platform, path))]


if __name__ == "__main__":
    for name in PLATFORMS:
        found = {path.stem: became(name, path) for path in deliveries(name)}
        golden(name).write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
