"""Archives: unpack uploads without leaving their folder, and pack downloads."""

import lzma
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from kaggle_local.errors import ApiError
from kaggle_local.state.files import atomic_path, is_disk_full, require_free_space
from kaggle_local.state.trees import TOO_LONG, is_short_path, walk_files

Opener = Callable[[], IO[bytes]]
_UNREADABLE = (
    *(zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError),
    *(zlib.error, lzma.LZMAError),
)
_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")


def archive_stem(name: str, data: Path) -> str | None:
    """Return `faces` for the bytes `data` of `faces.zip`; None if they are not an archive."""
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            is_archive = zipfile.is_zipfile if suffix == ".zip" else tarfile.is_tarfile
            return name[: -len(suffix)] if is_archive(data) else None
    return None


def unpack(name: str, data: Path, folder: Path) -> None:
    """Unpack the archive `data`, which errors call `name`, into `folder`, created if missing.

    Raises:
        ApiError: A member is damaged, encrypted, a link or a device, occurs twice, or leads out of
            `folder`; or the disk has no room.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if zipfile.is_zipfile(data):
            with zipfile.ZipFile(data) as archive:
                size = sum(info.file_size for info in archive.infolist())
                require_free_space(folder, size, name)
                _write_members(name, folder, _zip_members(name, archive))
        else:
            with tarfile.open(data) as archive:
                _write_members(name, folder, _tar_members(name, archive))
    except _UNREADABLE as error:
        raise ApiError(400, f"the archive '{name}' cannot be read: {error}") from error


def _zip_members(name: str, archive: zipfile.ZipFile) -> Iterator[tuple[str, Opener | None]]:
    for info in archive.infolist():
        kind = info.external_attr >> 28
        if kind not in (0, 0o4, 0o10):
            raise ApiError(400, f"the archive '{name}' holds a link or device: '{info.filename}'")
        if info.flag_bits & 0x1:
            raise ApiError(400, f"the archive '{name}' is encrypted: '{info.filename}'")
        is_folder = info.filename.endswith("/")  # `is_dir` fails for an empty name
        yield info.filename, None if is_folder else partial(archive.open, info)


def _tar_members(name: str, archive: tarfile.TarFile) -> Iterator[tuple[str, Opener | None]]:
    for info in archive:
        if not (info.isfile() or info.isdir()):
            raise ApiError(400, f"the archive '{name}' holds a link or device: '{info.name}'")
        yield info.name, None if info.isdir() else partial(_open_member, archive, info)


def _open_member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(info)
    assert stream, "only a regular file has content"
    return stream


def _write_members(name: str, folder: Path, members: Iterator[tuple[str, Opener | None]]) -> None:
    for member, opener in members:
        target = folder / _safe_path(name, member)
        try:
            _write(target, opener)
        except OSError as error:
            if is_disk_full(error):
                raise
            twice = isinstance(error, FileExistsError)
            problem = "twice" if twice else f"with an impossible name: {error}"
            raise ApiError(400, f"the archive '{name}' holds '{member}' {problem}") from error


def _write(target: Path, opener: Opener | None) -> None:
    if opener is None:
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with opener() as stream, target.open("xb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)


def _safe_path(name: str, member: str) -> PurePosixPath:
    path = PurePosixPath(member)
    if path.is_absolute() or ".." in path.parts or "\\" in member or "\0" in member:
        raise ApiError(400, f"the archive '{name}' holds a hostile path: '{member}'")
    if not is_short_path(member):
        raise ApiError(400, f"the archive '{name}' holds {TOO_LONG}: '{member[:100]}...'")
    return path


def pack(folder: Path, target: Path, modified: float) -> None:
    """Zip all files below `folder`; the zip itself is dated `modified`, seconds since the epoch."""
    # Stored, not compressed: over loopback, time matters more than size.
    with atomic_path(target) as temporary:
        with zipfile.ZipFile(temporary, "w", strict_timestamps=False) as archive:
            for name, _ in walk_files(folder):
                archive.write(folder / name, name)
        os.utime(temporary, (modified, modified))
