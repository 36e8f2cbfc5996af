"""Files that tests write."""

import os
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path


def touch(path: Path, content: bytes = b"") -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_zip(path: Path, entries: dict[str, bytes]) -> Path:
    """Write a zip of the given contents by entry name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as zipped:
        for entry, content in entries.items():
            zipped.writestr(entry, content)
    return path


def run_without_override(command: Sequence[str], **options) -> subprocess.CompletedProcess[str]:
    """Run a command to which permissions apply, even if the tests run as root."""
    prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    whole = [*(prefix if os.geteuid() == 0 else []), *map(str, command)]
    return subprocess.run(whole, capture_output=True, text=True, check=False, **options)
