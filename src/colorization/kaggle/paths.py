"""Mounted inputs of a kernel: `/kaggle/input/datasets/<owner>/<slug>`, or `<slug>` before 2026.

Some have `versions/<n>` below. kagglehub's `KAGGLE_CACHE_MOUNT_FOLDER` replaces `/kaggle/input`.
kagglehub uploads more than 50 files as `archive.zip`, which Kaggle unpacks to `archive/`.
"""

import os
from pathlib import Path

ARCHIVE = "archive"
# `deepcolor run` pushes a kernel again whose log has this: Kaggle may mount a dataset late.
PUSH_AGAIN = "wait until it is ready, then push the kernel again"


def input_root() -> Path:
    """Return the folder in which Kaggle mounts the inputs."""
    return Path(os.environ.get("KAGGLE_CACHE_MOUNT_FOLDER", "/kaggle/input"))


def find_input(*slugs: str) -> Path:
    """Return the folder of the first input that is mounted, by slugs without owner."""
    for slug in slugs:
        for mount in _candidates(slug):
            return _inside_archive(_newest_version(mount))
    raise FileNotFoundError(
        f"none of the inputs {', '.join(slugs)} is mounted: add one to the kernel's inputs, or "
        f"{PUSH_AGAIN}; mounted in {input_root()}: {', '.join(list_mounts()) or 'nothing'}"
    )


def list_mounts() -> list[str]:
    """Return all mounts, as paths relative to `input_root()`."""
    root = input_root()
    owned = [*root.glob("datasets/*/*"), *root.glob("notebooks/*/*")]
    flat = [path for path in root.glob("*") if path.name not in {"datasets", "notebooks"}]
    return sorted(str(path.relative_to(root)) for path in [*owned, *flat])


def _candidates(slug: str) -> list[Path]:
    root = input_root()
    patterns = (f"datasets/*/{slug}", f"notebooks/*/{slug}", slug)
    found = [path for pattern in patterns for path in sorted(root.glob(pattern))]
    return [path for path in found if any(path.iterdir())]


def _newest_version(mount: Path) -> Path:
    versions = [path for path in mount.glob("versions/*") if path.name.isdigit()]
    return max(versions, key=lambda path: int(path.name), default=mount)


def _inside_archive(folder: Path) -> Path:
    archive = folder / ARCHIVE
    return archive if list(folder.iterdir()) == [archive] and archive.is_dir() else folder
