"""Where things are on Kaggle: the only module that knows its mounts.

A mounted dataset is at `/kaggle/input/datasets/<owner>/<slug>` (2026) or `/kaggle/input/<slug>`
(earlier); both occur, and a few accounts see `versions/<n>` below. `KAGGLE_CACHE_MOUNT_FOLDER`,
kagglehub's own variable, names another input root.
"""

import os
from pathlib import Path


def input_root() -> Path:
    """Return the folder below which Kaggle mounts the inputs."""
    return Path(os.environ.get("KAGGLE_CACHE_MOUNT_FOLDER", "/kaggle/input"))


def find_input(*slugs: str) -> Path:
    """Find the mount of the first dataset or kernel output that is attached.

    Args:
        *slugs: Dataset or kernel slugs without owner, in order of preference.

    Returns:
        The folder that holds the files.

    Raises:
        FileNotFoundError: If none is mounted; the message lists what is.
    """
    for slug in slugs:
        for mount in _candidates(slug):
            return _newest_version(mount)
    raise FileNotFoundError(
        f"none of {', '.join(slugs)} is attached to this kernel; mounted under {input_root()}: "
        f"{', '.join(list_mounts()) or 'nothing'}"
    )


def list_mounts() -> list[str]:
    """Return the mounts below the input root, as paths relative to it."""
    root = input_root()
    owned = [*root.glob("datasets/*/*"), *root.glob("notebooks/*/*")]
    flat = [path for path in root.glob("*") if path.name not in {"datasets", "notebooks"}]
    return sorted(str(path.relative_to(root)) for path in [*owned, *flat])


def _candidates(slug: str) -> list[Path]:
    root = input_root()
    patterns = (f"datasets/*/{slug}", f"notebooks/*/{slug}", slug)
    return [path for pattern in patterns for path in sorted(root.glob(pattern))]


def _newest_version(mount: Path) -> Path:
    versions = [path for path in mount.glob("versions/*") if path.name.isdigit()]
    return max(versions, key=lambda path: int(path.name), default=mount)
