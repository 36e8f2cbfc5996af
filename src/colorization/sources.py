"""Where photos come from: folders, zips, mixtures of both, and how they are split."""

import csv
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from colorization.archives import unzip
from colorization.photos import SUFFIXES, Problem

PARTITION = "list_eval_partition"  # CelebA's: 0 training, 1 validation, 2 test


class Photo(NamedTuple):
    """A photo in a source; two hundred thousand of them must fit in little memory.

    Attributes:
        root: The folder that was searched, shared by all its photos.
        label: Path below it, with `/`, the same on any machine.
    """

    root: str
    label: str

    @property
    def path(self) -> str:
        """Where the file is."""
        return os.path.join(self.root, self.label)

    @property
    def name(self) -> str:
        """Its file name."""
        return self.label.rpartition("/")[2]


def find_photos(folder: Path) -> list[Path]:
    """List the photos below a folder, at any depth, in the order of their paths.

    Links to folders are not followed, so loops do no harm.

    Args:
        folder: Folder to search.

    Returns:
        Paths of the files whose suffix is one of `SUFFIXES`.

    Raises:
        FileNotFoundError: If the folder does not exist or holds no photo.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder of photos at {folder}")
    found = sorted(folder / label for label in _labels(folder, SUFFIXES, []))
    if not found:
        raise FileNotFoundError(f"no photo ({', '.join(sorted(SUFFIXES))}) in {folder}")
    return found


def _labels(folder: Path, suffixes: Iterable[str], problems: list[Problem]) -> Iterator[str]:
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
        sources: Folders or `.zip` files.
        scratch: Folder to which zips are unpacked.

    Returns:
        The photos, sorted by label within each folder and zip; and what cannot be read, such as a
        broken zip among others.

    Raises:
        FileNotFoundError: If there is nothing at a source, or no photo in any.
        ValueError: If a source is itself a zip that cannot be unpacked safely.
    """
    photos: list[Photo] = []
    problems: list[Problem] = []
    for number, source in enumerate(sources):
        if not source.exists():
            raise FileNotFoundError(f"no photos at {source}: no such file or folder")
        if source.is_file():
            problems += unzip(source, scratch / str(number))
            photos += _photos_in(scratch / str(number), problems)
        else:
            photos += _unpacked_in(source, scratch / str(number), problems)
            photos += _photos_in(source, problems)
    if not photos:
        named = ", ".join(map(str, sources))
        raise FileNotFoundError(f"no photo ({', '.join(sorted(SUFFIXES))}) in {named}")
    return photos, problems


def _photos_in(folder: Path, problems: list[Problem]) -> list[Photo]:
    root = str(folder)
    return [Photo(root, label) for label in sorted(_labels(folder, SUFFIXES, problems))]


def _unpacked_in(folder: Path, scratch: Path, problems: list[Problem]) -> list[Photo]:
    photos: list[Photo] = []
    for label in sorted(_labels(folder, {".zip"}, [])):
        target = scratch / label.removesuffix(".zip")
        try:
            problems += unzip(folder / label, target)
        except ValueError as error:
            problems.append(Problem(label, "unreadable", str(error)))
        else:
            photos += _photos_in(target, problems)
    return photos


def open_photos(source: Path, scratch: Path) -> list[Path]:
    """List the photos of one source as paths; what cannot be read is left out.

    Args:
        source: Folder or `.zip` file.
        scratch: Folder to which zips are unpacked.

    Raises:
        FileNotFoundError: As `open_sources`.
        ValueError: As `open_sources`.
    """
    return [Path(photo.path) for photo in open_sources([source], scratch)[0]]


def read_partition(source: Path) -> dict[str, int]:
    """Read CelebA's official partition, if the source has it.

    Args:
        source: Folder that may hold `list_eval_partition.csv` or `.txt`.

    Returns:
        1 (validation) or 2 (test) by file name; the photos of the training set are not listed.
    """
    for file in sorted(source.glob(f"{PARTITION}.*")) if source.is_dir() else []:
        with file.open(newline="", encoding="utf-8") as opened:
            dialect = csv.excel if file.suffix == ".csv" else csv.unix_dialect
            separator = "," if file.suffix == ".csv" else " "
            rows = csv.reader(opened, dialect, delimiter=separator)
            return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1] in "12"}
    return {}


def split_photos(
    photos: Sequence[Photo],
    validation_fraction: float,
    partition: dict[str, int] | None = None,
) -> dict[str, list[Photo]]:
    """Split photos into training and validation by a hash of their file names.

    A photo stays on its side when others are added or removed, and on any machine. Within each
    side photos come in the order of their hash, which shuffles them reproducibly.

    Args:
        photos: At least two photos.
        validation_fraction: Share of the validation set, in (0, 1).
        partition: As `read_partition` returns it; it takes the place of the fraction, and the
            photos of its test set are left out.

    Returns:
        `{"train": [...], "validation": [...]}`, neither empty.

    Raises:
        ValueError: If there are fewer than two photos, or the fraction is out of range.
    """
    if not 0 < validation_fraction < 1:
        raise ValueError(f"`validation_fraction` must be in (0, 1), received {validation_fraction}")
    if len(photos) < 2:
        raise ValueError(f"a split needs at least two photos, received {len(photos)}")
    labels = sorted(range(len(photos)), key=lambda index: photos[index].label)
    ranks = np.array([_rank(photos[index].name) for index in labels])
    ordered = [photos[labels[index]] for index in np.argsort(ranks, kind="stable")]
    if partition:
        sides = [partition.get(photo.name, 0) for photo in ordered]
        chosen = {"train": 0, "validation": 1}
        return {
            split: [photo for photo, side in zip(ordered, sides, strict=True) if side == wanted]
            for split, wanted in chosen.items()
        }
    cut = min(max(int((ranks < validation_fraction).sum()), 1), len(ordered) - 1)
    return {"train": ordered[cut:], "validation": ordered[:cut]}


def _rank(name: str) -> float:
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
