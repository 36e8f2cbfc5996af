"""Measured JSON files, and tables of Markdown."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BUILD = Path(__file__).parent
RESULTS = ROOT / "models" / "results.json"


def load(path: Path) -> Any:
    """Read a file of measurements."""
    return json.loads(path.read_text("utf-8"))


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table whose first column is text and whose others are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
