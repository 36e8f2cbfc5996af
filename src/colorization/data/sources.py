"""Find photos in folders and zips."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from colorization.data.archives import unzip
from colorization.data.image_io import Problem
from colorization.data.photo_formats import NOT_READ, SUFFIXES


class Photo(NamedTuple):
    """A photo, by the folder that was searched and its path below that, with `/` on any machine."""

    root: str
    label: str

    @property
    def path(self) -> str:
        """Path of the file."""
        return os.path.join(self.root, self.label)

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.label.rpartition("/")[2]


def find_photos(folder: Path) -> list[Path]:
    """List the photos below a folder, at any depth, by path; raise `FileNotFoundError` if none."""
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder of photos at {folder}")
    found = sorted(folder / label for label in list_files(folder, SUFFIXES, []))
    if not found:
        raise FileNotFoundError(f"no photo ({', '.join(sorted(SUFFIXES))}) in {folder}")
    return found


def list_files(folder: Path, suffixes: Iterable[str], problems: list[Problem]) -> Iterator[str]:
    """Yield the paths of files below a folder, relative to it, without hidden ones.

    Links to folders are not followed. `suffixes` are lower case. Folders that cannot be read are
    added to `problems`.
    """

    def cannot_enter(error: OSError) -> None:
        where = os.path.relpath(error.filename, folder)
        problems.append(Problem(where, "unreadable", f"folder: {error.strerror}"))

    for place, folders, files in os.walk(folder, onerror=cannot_enter):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        below = os.path.relpath(place, folder).replace(os.sep, "/")
        for name in sorted(files):
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in suffixes:
                yield name if below == "." else f"{below}/{name}"


def open_sources(sources: Sequence[Path], scratch: Path) -> tuple[list[Photo], list[Problem]]:
    """List the photos of folders and zips, and of the zips in the folders.

    Args:
        sources: Folders or `.zip` files; a broken zip or a photo raises a `ValueError`.
        scratch: Folder to which zips are unpacked.

    Returns:
        The photos, sorted by label within each folder and zip; and the problems, such as a broken
        zip in a folder.
    """
    photos: list[Photo] = []
    problems: list[Problem] = []
    for number, source in enumerate(sources):
        if not source.exists():
            raise FileNotFoundError(f"no photos at {source}: no such file or folder")
        if source.suffix.lower() in SUFFIXES and source.is_file():
            raise ValueError(f"{source} is a photo: name its folder, or a zip of photos")
        if source.is_file():
            problems += unzip(source, scratch / str(number))
            photos += _photos_in(scratch / str(number), problems)
        else:
            photos += _unpacked_in(source, scratch / str(number), problems)
            photos += _photos_in(source, problems)
    if not photos:
        named = ", ".join(map(str, sources))
        reasons = "".join(f"; {problem.photo}: {problem.reason}" for problem in problems[:3])
        raise FileNotFoundError(f"no photo ({', '.join(sorted(SUFFIXES))}) in {named}{reasons}")
    return photos, problems


def _photos_in(folder: Path, problems: list[Problem]) -> list[Photo]:
    for label in list_files(folder, NOT_READ, []):
        suffix = os.path.splitext(label)[1].lower()
        problems.append(Problem(label, "unsupported", NOT_READ[suffix]))
    root = str(folder)
    return [Photo(root, label) for label in sorted(list_files(folder, SUFFIXES, problems))]


def _unpacked_in(folder: Path, scratch: Path, problems: list[Problem]) -> list[Photo]:
    photos: list[Photo] = []
    for label in sorted(list_files(folder, {".zip"}, [])):
        target = scratch / label.removesuffix(".zip")
        try:
            problems += unzip(folder / label, target)
        except ValueError as error:
            problems.append(Problem(label, "unreadable", str(error)))
        else:
            photos += _photos_in(target, problems)
    return photos


def open_photos(source: Path, scratch: Path) -> list[Path]:
    """List the photos of one source as paths, without the problems of `open_sources`."""
    return [Path(photo.path) for photo in open_sources([source], scratch)[0]]
