"""Staging: folders that plain `kaggle kernels push` and `kaggle datasets create` accept.

The committed metadata belong to the neutral owner `kaggle-username`. Staging writes the same files
for a real owner, and packs the code and the user's photos as datasets.
"""

import hashlib
import json
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colorization.photos import check_archive, find_photos
from deepcolor.errors import DeepColorError
from deepcolor.project import (
    DATASET,
    KERNEL,
    NEUTRAL_OWNER,
    Metadata,
    Stage,
    read_metadata,
    read_stages,
)

DEFAULT_PHOTOS = "jessicali9530/celeba-dataset"


@dataclass(frozen=True)
class StagedDataset:
    """A folder ready for `kaggle datasets create`.

    Attributes:
        name: Short name: "code", "photos", "elsewhere", or of the stage that fills it.
        handle: `owner/slug`.
        folder: The folder.
    """

    name: str
    handle: str
    folder: Path


@dataclass(frozen=True)
class StagedKernel:
    """A folder ready for `kaggle kernels push`.

    Attributes:
        name: Name of the stage.
        handle: `owner/slug`.
        folder: The folder.
        sources: Handles of the datasets and kernels that it reads.
        output: The dataset that its output becomes, still empty; None if it is not published.
    """

    name: str
    handle: str
    folder: Path
    sources: list[str]
    output: StagedDataset | None


@dataclass(frozen=True)
class Staged:
    """The whole chain, ready to be pushed.

    Attributes:
        owner: Kaggle user name.
        revision: Revision of the code.
        datasets: The datasets that come before any kernel: code, photos, portraits from elsewhere.
        kernels: The kernels, each after those that it depends on.
    """

    owner: str
    revision: str
    datasets: list[StagedDataset]
    kernels: list[StagedKernel]


def stage(
    root: Path, build: Path, owner: str, photos: Path | None = None, elsewhere: Path | None = None
) -> Staged:
    """Write `kernels/*` and `datasets/*` below a build folder, for one owner.

    Args:
        root: Folder of the project.
        build: Folder to write to; what an earlier staging left there is replaced.
        owner: Kaggle user name.
        photos: Folder or zip of photos to learn from; CelebA on Kaggle if None.
        elsewhere: Folder or zip of portraits from elsewhere, for the evaluation.

    Returns:
        What was staged.

    Raises:
        DeepColorError: If the owner is the neutral one, or the photos cannot be used.
    """
    if owner == NEUTRAL_OWNER or not owner:
        raise DeepColorError(f"`owner` must be your Kaggle user name, received {owner!r}")
    given = {"photos": photos, "elsewhere": elsewhere}
    code = _stage_code(root, build / "datasets" / "code", owner)
    revision = (code.folder / "REVISION").read_text("utf-8").strip()
    packed = [
        _stage_photos(name, source, build / "datasets" / name, owner)
        for name, source in given.items()
        if source is not None
    ]
    foreign = {DEFAULT_PHOTOS: f"{owner}/deep-colorization-photos"} if photos else {}
    kernels = [_stage_kernel(item, build, owner, revision, foreign) for item in read_stages(root)]
    return Staged(owner, revision, [code, *packed], kernels)


def for_owner(metadata: Metadata, owner: str) -> Metadata:
    """Return metadata with the neutral owner replaced by a real one; other owners stay.

    Args:
        metadata: Content of a metadata file.
        owner: Kaggle user name.
    """

    def replace(value: Any) -> Any:
        if isinstance(value, list):
            return [replace(item) for item in value]
        if isinstance(value, str) and value.startswith(f"{NEUTRAL_OWNER}/"):
            return owner + value.removeprefix(NEUTRAL_OWNER)
        return value

    return {key: replace(value) for key, value in metadata.items()}


def _stage_kernel(
    item: Stage, build: Path, owner: str, revision: str, foreign: dict[str, str]
) -> StagedKernel:
    folder = _fresh(build / "kernels" / item.name)
    kernel = for_owner(item.kernel, owner) | {"code_file": item.code.name}
    kernel["dataset_sources"] = [foreign.get(s, s) for s in kernel["dataset_sources"]]
    _write_json(folder / KERNEL, kernel)
    (folder / item.code.name).write_text(pin_revision(item.code, revision), encoding="utf-8")
    output = None
    if item.dataset:
        dataset = for_owner(item.dataset, owner)
        name = dataset["id"].rsplit("-", 1)[-1]
        output = StagedDataset(name, dataset["id"], _fresh(build / "datasets" / name))
        _write_json(output.folder / DATASET, dataset)
        shutil.copy(output.folder / DATASET, folder / DATASET)
    sources = [*kernel["dataset_sources"], *kernel.get("kernel_sources", [])]
    return StagedKernel(item.name, kernel["id"], folder, sources, output)


def pin_revision(code: Path, revision: str) -> str:
    """Return a kernel's text with the revision of the code that it must find mounted.

    Args:
        code: A script or notebook whose bootstrap has the line `REVISION = ""`.
        revision: What to put between the quotes.

    Raises:
        DeepColorError: If the line is not there exactly once.
    """
    text = code.read_text("utf-8")
    quote = '\\"' if code.suffix == ".ipynb" else '"'
    line = f"REVISION = {quote}{quote}"
    if text.count(line) != 1:
        raise DeepColorError(f"{code} must have the bootstrap's line {line} exactly once")
    return text.replace(line, f"REVISION = {quote}{revision}{quote}")


def _stage_code(root: Path, folder: Path, owner: str) -> StagedDataset:
    folder = _fresh(folder)
    metadata = for_owner(read_metadata(root / DATASET), owner)
    _write_json(folder / DATASET, metadata)
    files = tracked_files(root, "src/colorization")
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / file, folder / file)
    (folder / "REVISION").write_text(f"{digest(root, files)}\n", encoding="utf-8")
    return StagedDataset("code", metadata["id"], folder)


def tracked_files(root: Path, below: str) -> list[Path]:
    """List the files that the code dataset carries: those git tracks, as they are on disk.

    Outside a git checkout (an unpacked archive of the repository) these are all Python files.

    Args:
        root: Folder of the project.
        below: Folder inside it.

    Returns:
        Paths relative to `root`, sorted.
    """
    command = ["git", "-C", str(root), "ls-files", "-z", "--", below]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        listed = ""
    tracked = [Path(name) for name in listed.split("\0") if name and (root / name).is_file()]
    return sorted(tracked or (path.relative_to(root) for path in (root / below).rglob("*.py")))


def digest(root: Path, files: list[Path]) -> str:
    """Return twelve hexadecimal digits that change when a file's name or content does.

    Args:
        root: Folder to which the paths are relative.
        files: The files.
    """
    total = hashlib.sha256()
    for file in sorted(files):
        with (root / file).open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").hexdigest()
        total.update(f"{file.as_posix()}\0{content}\n".encode())
    return total.hexdigest()[:12]


def _stage_photos(name: str, source: Path, folder: Path, owner: str) -> StagedDataset:
    photos = check_photos(source)
    folder = _fresh(folder)
    slug = f"deep-colorization-{name}"
    metadata: Metadata = {
        "title": slug.replace("-", " ").title(),
        "id": f"{owner}/{slug}",
        "licenses": [{"name": "unknown"}],
    }
    _write_json(folder / DATASET, metadata)
    if photos is None:
        _link(source, folder / source.name)
    else:
        _zip(source, photos, folder / f"{name}.zip")
    return StagedDataset(name, metadata["id"], folder)


def check_photos(source: Path) -> list[Path] | None:
    """Make sure that a source of photos can be used.

    Args:
        source: Folder or zip.

    Returns:
        The photos of a folder; None for a zip.

    Raises:
        DeepColorError: If there is nothing, no photo, or an archive that is broken or hostile.
    """
    try:
        if not source.exists():
            raise DeepColorError(f"no photos at {source}: no such file or folder")
        if source.is_dir():
            return find_photos(source)
        check_archive(source)
    except (OSError, ValueError) as error:
        raise DeepColorError(str(error)) from error
    return None


def _zip(source: Path, photos: list[Path], archive: Path) -> None:
    # Stored, not deflated: photos are compressed already. Fixed dates make equal zips equal.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as zipped:
        for photo in photos:
            entry = zipfile.ZipInfo(photo.relative_to(source).as_posix())
            zipped.writestr(entry, photo.read_bytes())


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source.resolve())
    except OSError:
        shutil.copy(source, target)


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _write_json(file: Path, metadata: Metadata) -> None:
    file.write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")
