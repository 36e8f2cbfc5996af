"""Photos as people have them: find them in a folder or a zip, read them, split them."""

import hashlib
import stat
import zipfile
from collections.abc import Iterable, Set
from pathlib import Path, PurePath, PurePosixPath

import numpy as np
from PIL import Image, ImageOps

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
MAX_PIXELS = 100_000_000


class UnreadablePhotoError(ValueError):
    """A file that has a photo's name and cannot be read as one."""


def find_photos(folder: Path) -> list[Path]:
    """List the photos below a folder, at any depth, in the order of their paths.

    Hidden files and macOS's `__MACOSX` copies are not photos.

    Args:
        folder: Folder to search.

    Returns:
        Paths of the files whose suffix is one of `SUFFIXES`.

    Raises:
        FileNotFoundError: If the folder does not exist or holds no photo.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder of photos at {folder}")
    found = _files_with(SUFFIXES, folder)
    if not found:
        raise FileNotFoundError(f"no photo ({', '.join(sorted(SUFFIXES))}) in {folder}")
    return found


def _files_with(suffixes: Set[str], folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.rglob("*") if _is_visible(path.relative_to(folder), suffixes)
    )


def _is_visible(path: PurePath, suffixes: Set[str]) -> bool:
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return path.suffix.lower() in suffixes and not hidden


def check_archive(archive: Path) -> list[zipfile.ZipInfo]:
    """List the photos of a zip, after making sure that it can be unpacked safely.

    Args:
        archive: Path of a `.zip` file.

    Returns:
        The entries that are photos.

    Raises:
        ValueError: If the file is not a zip, is encrypted, holds no photo, or names a path outside
            the folder it would be unpacked to.
    """
    if not zipfile.is_zipfile(archive):
        raise ValueError(f"{archive} is not a zip archive")
    with zipfile.ZipFile(archive) as zipped:
        entries = zipped.infolist()
    for entry in entries:
        _refuse_hostile(archive, entry)
    photos = [entry for entry in entries if _is_visible(PurePosixPath(entry.filename), SUFFIXES)]
    if not photos:
        raise ValueError(f"{archive} holds no photo ({', '.join(sorted(SUFFIXES))})")
    return photos


def _refuse_hostile(archive: Path, entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise ValueError(f"{archive} is refused: its entry {entry.filename!r} leaves the archive")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ValueError(f"{archive} is refused: its entry {entry.filename!r} is a symbolic link")
    if entry.flag_bits & 1:
        raise ValueError(f"{archive} is refused: its entry {entry.filename!r} is encrypted")


def unzip(archive: Path, folder: Path) -> Path:
    """Unpack the photos of a zip.

    Args:
        archive: Path of a `.zip` file.
        folder: Where to; created if needed.

    Returns:
        `folder`.

    Raises:
        ValueError: As `check_archive`.
    """
    photos = check_archive(archive)
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(folder, photos)
    return folder


def open_photos(source: Path, scratch: Path) -> list[Path]:
    """List the photos of a folder or a zip, and those in the zips of the folder.

    Args:
        source: Folder or `.zip` file.
        scratch: Folder to which zips are unpacked.

    Returns:
        Paths of the photos, sorted within the folder and within each zip.

    Raises:
        FileNotFoundError: If there is nothing at `source`, or no photo in it.
        ValueError: If a zip cannot be unpacked safely.
    """
    if not source.exists():
        raise FileNotFoundError(f"no photos at {source}: no such file or folder")
    archives = [source] if source.is_file() else _files_with({".zip"}, source)
    unpacked = [unzip(archive, scratch / archive.stem) for archive in archives]
    photos = [photo for folder in unpacked for photo in find_photos(folder)]
    loose = _files_with(SUFFIXES, source) if source.is_dir() else []
    return photos + loose if photos else find_photos(source)


def read_photo(path: Path) -> np.ndarray:
    """Read a photo of any kind as 8-bit sRGB, upright.

    EXIF orientation is applied, transparency is laid on white, 16-bit grey is scaled to 8.

    Args:
        path: A photo.

    Returns:
        `(H, W, 3)` uint8 sRGB in [0, 255].

    Raises:
        UnreadablePhotoError: If the file is empty, truncated, no image, or over `MAX_PIXELS`.
    """
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnreadablePhotoError(f"{image.width}x{image.height} is over 100 megapixels")
            return np.array(_to_rgb(ImageOps.exif_transpose(image)))
    except UnreadablePhotoError:
        raise
    except Exception as error:  # Pillow raises a dozen types for a broken file
        raise UnreadablePhotoError(f"{type(error).__name__}: {error}") from error


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode == "I":
        return Image.fromarray((np.asarray(image) // 257).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")


def split_photos(photos: Iterable[Path], validation_fraction: float) -> dict[str, list[Path]]:
    """Split photos into training and validation by a hash of their file names.

    A photo stays on its side when others are added or removed, and on any machine. Within each
    side photos come in the order of their hash, which shuffles them reproducibly.

    Args:
        photos: At least two paths.
        validation_fraction: Share of the validation set, in (0, 1).

    Returns:
        `{"train": [...], "validation": [...]}`, neither empty.

    Raises:
        ValueError: If there are fewer than two photos, or the fraction is out of range.
    """
    if not 0 < validation_fraction < 1:
        raise ValueError(f"`validation_fraction` must be in (0, 1), received {validation_fraction}")
    ranked = sorted((_rank(path), str(path), path) for path in photos)
    if len(ranked) < 2:
        raise ValueError(f"a split needs at least two photos, received {len(ranked)}")
    below = sum(rank < validation_fraction for rank, _, _ in ranked)
    cut = min(max(below, 1), len(ranked) - 1)
    ordered = [path for _, _, path in ranked]
    return {"train": ordered[cut:], "validation": ordered[:cut]}


def _rank(path: Path) -> float:
    digest = hashlib.sha256(path.name.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
