"""Unpack the photos of a zip, safely."""

import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from colorization.data.image_io import Problem
from colorization.data.photo_formats import NOT_READ, SUFFIXES, is_hidden, is_photo_name

# Files of CelebA's official partition.
PARTITIONS = ("list_eval_partition.csv", "list_eval_partition.txt")
DEEPEST = 100  # folders around a photo
# What `zipfile` raises for an entry: damaged, by another method, encrypted, or not writable.
ENTRY_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(NotImplementedError, RuntimeError, OSError),
)


def check_archive(archive: Path) -> list[zipfile.ZipInfo]:
    """Check that a zip can be unpacked safely, and list its photos and CelebA's partition.

    Raises:
        ValueError: If the file is not a zip, holds no photo, or has an entry that is a link, or
            outside the folder to which it would be unpacked.
    """
    try:
        with zipfile.ZipFile(archive) as zipped:
            entries = zipped.infolist()
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise ValueError(f"{archive} is not a zip archive, or a broken one: {error}") from error
    for entry in entries:
        _check_entry(archive, entry)
    files = [entry for entry in entries if not entry.filename.endswith("/")]
    photos = [entry for entry in files if is_photo_name(PurePosixPath(entry.filename))]
    if not photos:
        raise ValueError(f"{archive} holds no photo ({', '.join(sorted(SUFFIXES))})")
    return photos + [entry for entry in files if PurePosixPath(entry.filename).name in PARTITIONS]


def _check_entry(archive: Path, entry: zipfile.ZipInfo) -> None:
    path = PureWindowsPath(entry.filename)  # `/` and `\\` separate, and `C:` is elsewhere
    if path.anchor or ".." in path.parts:
        raise ValueError(f"{archive} is refused: its entry {entry.filename!r} leaves the archive")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ValueError(f"{archive} is refused: its entry {entry.filename!r} is a symbolic link")


def unzip(archive: Path, folder: Path) -> list[Problem]:
    """Unpack the photos of a zip and CelebA's partition; return the entries that are left out."""
    entries = check_archive(archive)
    folder.mkdir(parents=True, exist_ok=True)
    needed, free = sum(entry.file_size for entry in entries), shutil.disk_usage(folder).free
    if needed > free:
        raise ValueError(f"{archive} unpacks to {needed} bytes, the disk has {free} free")
    with zipfile.ZipFile(archive) as zipped:
        return [*_not_read(zipped), *_extract(zipped, entries, folder)]


def _not_read(zipped: zipfile.ZipFile) -> Iterator[Problem]:
    for name in zipped.namelist():
        path = PurePosixPath(name)
        if path.suffix.lower() in NOT_READ and not is_hidden(path):
            yield Problem(name, "unsupported", NOT_READ[path.suffix.lower()])


def _extract(
    zipped: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path
) -> Iterator[Problem]:
    seen: set[PurePosixPath] = set()
    for entry in entries:
        path = PurePosixPath(entry.filename)
        try:
            if path in seen:
                raise FileExistsError("the archive has another entry of this name")
            seen.add(path)
            _write(zipped, entry, path, folder)
        except ENTRY_ERRORS as error:
            yield Problem(entry.filename, "unreadable", f"{type(error).__name__}: {error}")


def _write(
    zipped: zipfile.ZipFile, entry: zipfile.ZipInfo, path: PurePosixPath, folder: Path
) -> None:
    if len(path.parts) > DEEPEST:
        raise OSError(f"it is in {len(path.parts) - 1} folders, more than {DEEPEST - 1}")
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipped.open(entry) as content, target.open("wb") as file:
        try:
            shutil.copyfileobj(content, file)
        except BaseException:
            target.unlink()
            raise
