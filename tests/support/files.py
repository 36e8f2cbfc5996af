"""Files that tests write."""

import zipfile
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
