"""Writing files whole or not at all."""

import dataclasses
import json
from pathlib import Path
from typing import Any


def save_json(path: Path, value: Any) -> None:
    """Write a value as JSON, whole or not at all.

    Args:
        path: File to write; its folder exists.
        value: A dataclass, or what `json` can write. NaN and infinities are refused.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    text = json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
