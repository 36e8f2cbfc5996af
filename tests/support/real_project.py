"""A copy of the repository with a home of its own, and a few drawn portraits to train on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deepcolor.chain.datasets import tracked_files
from deepcolor.portraits import write_portraits

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def copy_project(folder: Path) -> Path:
    """Write `clone`, `photos` and `elsewhere` to a folder, and return the clone."""
    clone = folder / "clone"
    for room in ("kernels", "src", "kernel-metadata.json", "dataset-metadata.json"):
        for file in tracked_files(ROOT, room):
            (clone / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, clone / file)
    write_portraits(folder / "photos", 16)
    write_portraits(folder / "elsewhere", 2, style="elsewhere")
    (folder / "home").mkdir()
    return clone


def start(clone: Path, *command: str) -> "subprocess.Popen[str]":
    """Start `deepcolor` in a clone, without the user's credentials and settings."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KAGGLE")}
    environment |= {"HOME": str(clone.parent / "home"), "COLUMNS": "200"}
    environment.pop("XDG_DATA_HOME", None)
    return subprocess.Popen(
        [BIN / "deepcolor", *command],
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def chain_command(clone: Path) -> list[str]:
    """Return the arguments that run the chain on the photos beside a clone."""
    photos, elsewhere = clone.parent / "photos", clone.parent / "elsewhere"
    return ["run", "--data", str(photos), "--elsewhere", str(elsewhere)]
