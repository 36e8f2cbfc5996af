"""What produced an output: a `manifest.json` in every stage's working folder, read downstream."""

import dataclasses
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

LIBRARIES = ("tensorflow", "keras", "numpy", "scikit-image", "pillow")
FILE = "manifest.json"


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


def code_revision(expected: str = "") -> str:
    """Return the revision of the code that runs, as its `REVISION` file states it.

    Args:
        expected: Revision that the kernel was staged for; empty for any.

    Returns:
        The revision, or `"unstaged"` outside a staged code dataset.

    Raises:
        RuntimeError: If another revision than the expected one is mounted.
    """
    file = Path(__file__).parents[2] / "REVISION"
    found = file.read_text("utf-8").strip() if file.is_file() else "unstaged"
    if expected and found != expected:
        raise RuntimeError(
            f"the code dataset holds revision {found}, this kernel was staged for {expected}: "
            "wait until the code dataset is ready, then push again"
        )
    return found


def write_manifest(folder: Path, stage: str, config: Any, inputs: dict[str, Path]) -> None:
    """Write `manifest.json`: stage, revision, settings, versions, and what was read.

    Args:
        folder: Output folder of the stage.
        stage: Name of the stage.
        config: Dataclass of its settings, or a list of them.
        inputs: Mount of each input by name; of those that carry a manifest, it is noted.
    """
    configs = config if isinstance(config, list) else [config]
    manifest = {
        "stage": stage,
        "revision": code_revision(),
        "config": [dataclasses.asdict(item) for item in configs],
        "versions": {"python": platform.python_version()} | {n: version(n) for n in LIBRARIES},
        "inputs": {name: read_manifest(mount) for name, mount in inputs.items()},
    }
    save_json(folder / FILE, manifest)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest that a stage left in a folder, or None where there is none.

    Args:
        folder: Mounted output of an earlier stage, or photos.
    """
    file = folder / FILE
    return json.loads(file.read_text("utf-8")) if file.is_file() else None
