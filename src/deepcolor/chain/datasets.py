"""Datasets that are uploaded before any kernel runs: code, photos, portraits from elsewhere."""

import hashlib
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colorization.data.archives import check_archive
from colorization.data.sources import find_photos
from colorization.files import save_json
from colorization.kaggle.run import MANIFEST, file_sizes
from deepcolor.chain.graph import DATASET, NEUTRAL_OWNER, Metadata, read_metadata
from deepcolor.errors import DeepColorError, user_errors

CODE_SUFFIXES = {".py", ".npz"}  # modules, and the weights of the encoder
ENCRYPTED = 0x1  # flag of an entry in a zip


@dataclass(frozen=True)
class StagedDataset:
    """A folder that `kaggle datasets create` accepts."""

    name: str  # "code", "photos", "elsewhere", or last word of the slug of a stage's output
    handle: str  # `owner/slug`
    folder: Path  # for a stage's output, it is filled when the stage has run
    fingerprint: str  # digest of what the dataset is made of


def set_owner(metadata: Metadata, owner: str) -> Metadata:
    """Return metadata with the neutral owner replaced by a Kaggle user; other owners stay."""

    def replace(value: Any) -> Any:
        if isinstance(value, list):
            return [replace(item) for item in value]
        if isinstance(value, str) and value.startswith(f"{NEUTRAL_OWNER}/"):
            return owner + value.removeprefix(NEUTRAL_OWNER)
        return value

    return {key: replace(value) for key, value in metadata.items()}


def pack_code(root: Path, folder: Path, owner: str) -> StagedDataset:
    """Pack the code that the kernels mount; what is in `folder` is deleted."""
    metadata = set_owner(read_metadata(root / DATASET), owner)
    save_json(make_empty_folder(folder) / DATASET, metadata)
    files = tracked_files(root, "src/colorization")
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / file, folder / file)
    fingerprint = digest_files(root, files)
    (folder / "REVISION").write_text(f"{fingerprint}\n", encoding="utf-8")
    return _signed(StagedDataset("code", metadata["id"], folder, fingerprint))


def _signed(dataset: StagedDataset) -> StagedDataset:
    sizes = file_sizes(dataset.folder)
    sizes.pop(DATASET)  # it travels as the upload's parameters, not as a file
    save_json(dataset.folder / MANIFEST, {"fingerprint": dataset.fingerprint, "files": sizes})
    return dataset


def tracked_files(root: Path, below: str) -> list[Path]:
    """Return the files that git tracks below a folder of the project, relative to `root`.

    Outside a git checkout they are the files of `CODE_SUFFIXES`.
    """
    command = ["git", "-C", str(root), "ls-files", "-z", "--", below]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        listed = ""
    tracked = [Path(name) for name in listed.split("\0") if name and (root / name).is_file()]
    found = (path for path in (root / below).rglob("*") if path.suffix in CODE_SUFFIXES)
    return sorted(tracked or (path.relative_to(root) for path in found))


def digest_files(root: Path, files: list[Path]) -> str:
    """Return a digest of names and contents, twelve hexadecimal digits; paths are below `root`."""
    total = hashlib.sha256()
    for file in sorted(files):
        with (root / file).open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").hexdigest()
        total.update(f"{file.as_posix()}\0{content}\n".encode())
    return total.hexdigest()[:12]


def pack_photos(name: str, source: Path, folder: Path, owner: str) -> StagedDataset:
    """Pack a folder or zip of photos as one zip, which Kaggle unpacks.

    The slug ends in `name`; what is in `folder` is deleted.

    Raises:
        DeepColorError: If there are no photos, or the zip cannot be used.
    """
    photos = check_photos(source)
    slug = f"deep-colorization-{name}"
    metadata: Metadata = {
        "title": slug.replace("-", " ").title(),
        "id": f"{owner}/{slug}",
        "licenses": [{"name": "unknown"}],
    }
    save_json(make_empty_folder(folder) / DATASET, metadata)
    # One name for every zip: the fingerprint depends on the photos alone.
    archive = folder / f"{name}.zip"
    if photos is None:
        _link(source, archive)
    else:
        _zip(source, photos, archive)
    fingerprint = digest_files(folder, [Path(archive.name)])
    return _signed(StagedDataset(name, metadata["id"], folder, fingerprint))


def check_photos(source: Path) -> list[Path] | None:
    """Return the photos of a folder; check a zip, and return None.

    Raises:
        DeepColorError: If the source does not exist, holds no photo, or is a broken, unsafe or
            encrypted zip.
    """
    if not source.exists():
        raise DeepColorError(f"no photos at {source}: no such file or folder")
    with user_errors(OSError, ValueError):
        if source.is_dir():
            return find_photos(source)
        entries = check_archive(source)
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise DeepColorError(f"{source} is encrypted, so Kaggle cannot unpack it")
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


def make_empty_folder(folder: Path) -> Path:
    """Make a folder, or empty it, and return it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
