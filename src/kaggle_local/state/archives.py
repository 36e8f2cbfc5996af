"""Archives: unpack what is uploaded, never outside its folder, and pack what is downloaded."""

import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from kaggle_local.errors import ApiError
from kaggle_local.state.files import files_below, is_disk_full, unfinished_name

Opener = Callable[[], IO[bytes]]
_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")


def stem_of_archive(name: str, data: Path) -> str | None:
    """Tell whether an upload is to be unpacked, and under which folder name.

    Args:
        name: The file's name, such as `faces.zip`.
        data: Its bytes.

    Returns:
        `faces`, or None where it is no archive (a mere name is not enough).
    """
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            is_archive = zipfile.is_zipfile if suffix == ".zip" else tarfile.is_tarfile
            return name[: -len(suffix)] if is_archive(data) else None
    return None


def unpack(name: str, data: Path, folder: Path) -> None:
    """Unpack an archive.

    Args:
        name: What to call it in errors.
        data: The archive.
        folder: Where its members go; made if missing.

    Raises:
        ApiError: A member leads out of `folder`, is a link or a device, comes twice, or is
            damaged; or the disk has no room.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if zipfile.is_zipfile(data):
            with zipfile.ZipFile(data) as archive:
                _require_room(name, folder, sum(info.file_size for info in archive.infolist()))
                _write_members(name, folder, _zip_members(name, archive))
        else:
            with tarfile.open(data) as archive:
                _write_members(name, folder, _tar_members(name, archive))
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError) as error:
        raise ApiError(400, f"the archive '{name}' cannot be read: {error}") from error


def _require_room(name: str, folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise ApiError(
            507, f"the disk of the stand-in is full: '{name}' unpacks to {size} bytes, {free} free"
        )


def _zip_members(name: str, archive: zipfile.ZipFile) -> Iterator[tuple[str, Opener | None]]:
    for info in archive.infolist():
        kind = info.external_attr >> 28
        if kind not in (0, 0o4, 0o10):
            raise ApiError(400, f"the archive '{name}' holds a link or device: '{info.filename}'")
        if info.flag_bits & 0x1:
            raise ApiError(400, f"the archive '{name}' is encrypted: '{info.filename}'")
        yield info.filename, None if info.is_dir() else partial(archive.open, info)


def _tar_members(name: str, archive: tarfile.TarFile) -> Iterator[tuple[str, Opener | None]]:
    for info in archive:
        if not (info.isfile() or info.isdir()):
            raise ApiError(400, f"the archive '{name}' holds a link or device: '{info.name}'")
        yield info.name, None if info.isdir() else partial(_extracted, archive, info)


def _extracted(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(info)
    assert stream, "a regular member"
    return stream


def _write_members(name: str, folder: Path, members: Iterator[tuple[str, Opener | None]]) -> None:
    for member, opener in members:
        target = folder / _safe(name, member)
        try:
            _write(target, opener)
        except OSError as error:
            if is_disk_full(error):
                raise
            why = "twice" if isinstance(error, FileExistsError) else f"badly named: {error}"
            raise ApiError(400, f"the archive '{name}' holds '{member}' {why}") from error


def _write(target: Path, opener: Opener | None) -> None:
    if opener is None:
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with opener() as stream, target.open("xb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)


def _safe(name: str, member: str) -> PurePosixPath:
    path = PurePosixPath(member)
    if path.is_absolute() or ".." in path.parts or "\\" in member or "\0" in member:
        raise ApiError(400, f"the archive '{name}' holds a hostile path: '{member}'")
    return path


def pack(folder: Path, target: Path, modified: float) -> None:
    """Write every file below `folder` into a zip that appears only when it is complete.

    Members are stored, not compressed: over loopback, time is dearer than bytes.

    Args:
        folder: What to pack.
        target: The zip.
        modified: The time the zip is to carry, in seconds since the epoch.
    """
    temporary = unfinished_name(target.parent)
    try:
        with zipfile.ZipFile(
            temporary, "w", zipfile.ZIP_STORED, strict_timestamps=False
        ) as archive:
            for name, _ in files_below(folder):
                archive.write(folder / name, name)
        os.utime(temporary, (modified, modified))
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
