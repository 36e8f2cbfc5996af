"""Checks of what a finished chain has published, on the disk of the stand-in."""

import hashlib
import json
from pathlib import Path

from tests.support.tiny_project import read_json

USER = "local-kaggler"
MANIFEST = "manifest.json"
# Kernel -> the dataset that its output becomes.
OUTPUTS = {"make": "tiny-records", "use": "tiny-results", "report": ""}

Contents = dict[str, str]


def digest(data: bytes) -> str:
    """Return a digest of some content."""
    return hashlib.sha256(data).hexdigest()[:16]


def contents(folder: Path) -> Contents:
    """Return the digest of every file below a folder but the manifest, by relative path."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): digest(path.read_bytes()) for path in files}


def expected(project: Path, number: int) -> dict[str, Contents]:
    """Return what each dataset must contain, computed without the chain.

    Args:
        project: The tiny project.
        number: Its revision.
    """
    photos = sorted((project / "photos").iterdir())
    pixels = b"".join(photo.read_bytes() for photo in photos)
    parts = {f"parts/{part}.bin": pixels[part::3] for part in range(3)}
    records = parts | {"whole.tfrecord": pixels * number}
    sizes = {name: len(data) for name, data in records.items()}
    results = {"copies/start.bin": (pixels * number)[:20000]}
    results["sizes.json"] = (json.dumps(sizes, indent=2) + "\n").encode()
    held = {
        "deep-colorization-photos": {f"photos/{p.name}": p.read_bytes() for p in photos},
        "tiny-records": records,
        "tiny-results": results,
    }
    return {
        slug: {name: digest(data) for name, data in files.items()} for slug, files in held.items()
    }


def find_errors(state: Path, project: Path, number: int) -> list[str]:
    """Return what is wrong with the published datasets and the kernels that ran.

    Args:
        state: State folder of the stand-in.
        project: The tiny project, staged.
        number: Its revision.
    """
    wrong = []
    for slug, files in expected(project, number).items():
        newest = versions(state, slug)[-1] / "files"
        if contents(newest) != files or missing(newest):
            wrong.append(f"{slug} does not have the expected files")
    for kernel in read_json(project / "build" / "staged.json")["kernels"]:
        ended = complete_runs(state, kernel)
        published = OUTPUTS[kernel["name"]]
        if ended > 1 or (not ended and not published):
            wrong.append(f"{kernel['name']} ran {ended} times to its end")
    return wrong


def versions(state: Path, slug: str) -> list[Path]:
    """Return the folders of a dataset's versions, oldest first."""
    return _numbered(state / "datasets" / USER / slug / "versions")


def count_incomplete_versions(state: Path) -> int:
    """Count the versions of any dataset without a manifest, or without a file that it lists."""
    datasets = (state / "datasets" / USER).iterdir()
    return sum(bool(missing(v / "files")) for d in datasets for v in versions(state, d.name))


def missing(files: Path) -> list[str]:
    """Return the files that a version's manifest lists and that are missing; a zip is unpacked."""
    if not (files / MANIFEST).is_file():
        return [MANIFEST]
    sizes = read_json(files / MANIFEST)["files"]
    return [
        name
        for name, size in sizes.items()
        if not (files / name.removesuffix(".zip")).is_dir()
        and not ((files / name).is_file() and (files / name).stat().st_size == size)
    ]


def complete_runs(state: Path, kernel: dict[str, str]) -> int:
    """Count the runs of this version of a kernel that completed."""
    slug = kernel["handle"].split("/")[1]
    return sum(
        read_json(run / "session.json")["state"] == "COMPLETE"
        and any(kernel["fingerprint"] in text.read_text() for text in (run / "src").iterdir())
        for run in _numbered(state / "kernels" / USER / slug / "versions")
    )


def _numbered(folder: Path) -> list[Path]:
    found = [path for path in folder.glob("*") if path.name.isdigit()]
    return sorted(found, key=lambda path: int(path.name))
