"""Where photos come from: folders, zips, mixtures of both, and how they are split."""

import csv
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from colorization.data.archives import PARTITIONS, unzip
from colorization.data.image_io import SUFFIXES, Problem

TEST = 2  # in CelebA's partition; 0 is training, 1 validation


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


def read_partitions(sources: Sequence[Path], scratch: Path) -> dict[str, dict[str, int]]:
    """Read CelebA's official partition where a source has it, at any depth or in a zip.

    Args:
        sources: As `open_sources` took them.
        scratch: As `open_sources` took it.

    Returns:
        For each folder to which a partition applies, that of a source or of what was unpacked of
        it: 1 (validation) or 2 (test) by file name; the photos of the training set are not listed.
    """
    partitions: dict[str, dict[str, int]] = {}
    for number, source in enumerate(sources):
        places = [place for place in (source, scratch / str(number)) if place.is_dir()]
        files = [
            place / label
            for place in places
            for label in _labels(place, {".csv", ".txt"}, [])
            if label.rpartition("/")[2] in PARTITIONS
        ]
        if files:
            partitions |= dict.fromkeys(map(str, places), _listed(files[0]))
    return partitions


def _listed(partition: Path) -> dict[str, int]:
    separator = "," if partition.suffix == ".csv" else " "
    with partition.open(newline="", encoding="utf-8") as opened:
        rows = csv.reader(opened, delimiter=separator, skipinitialspace=True)
        return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1] in ("1", "2")}


def split_photos(
    photos: Sequence[Photo],
    validation_fraction: float,
    partitions: Mapping[str, Mapping[str, int]] | None = None,
) -> dict[str, list[Photo]]:
    """Split photos into training and validation by a hash of their file names.

    A photo stays on its side when others are added or removed, and on any machine. Within each
    side photos come in the order of their hash, which shuffles them reproducibly.

    Args:
        photos: At least two photos.
        validation_fraction: Share of the validation set, in (0, 1).
        partitions: As `read_partitions` returns them. Where one applies, it takes the place of the
            fraction, unless that would leave a side empty, and its test set is left out.

    Returns:
        `{"train": [...], "validation": [...]}`, neither empty.

    Raises:
        ValueError: If there are fewer than two photos, or the fraction is out of range.
    """
    if not 0 < validation_fraction < 1:
        raise ValueError(f"`validation_fraction` must be in (0, 1), received {validation_fraction}")
    official = {
        root: _partition_of(root, partitions or {}) for root in {photo.root for photo in photos}
    }
    kept: list[tuple[Photo, bool, bool]] = []
    for rank, photo in _by_rank(photos):
        listed, drawn = official[photo.root], rank < validation_fraction
        side = drawn if listed is None else listed.get(photo.name, 0)
        if side != TEST:
            kept.append((photo, bool(side), drawn))
    if len(kept) < 2:
        raise ValueError(f"a split needs at least two photos, received {len(kept)}")
    train = [photo for photo, validates, _ in kept if not validates]
    validation = [photo for photo, validates, _ in kept if validates]
    if not train or not validation:
        cut = min(max(sum(drawn for *_, drawn in kept), 1), len(kept) - 1)
        train, validation = ([photo for photo, *_ in part] for part in (kept[cut:], kept[:cut]))
    return {"train": train, "validation": validation}


def _partition_of(
    root: str, partitions: Mapping[str, Mapping[str, int]]
) -> Mapping[str, int] | None:
    found = (partitions[place] for place in partitions if Path(root).is_relative_to(place))
    return next(found, None)


def _by_rank(photos: Sequence[Photo]) -> Iterator[tuple[float, Photo]]:
    # Photos of the same name come in the order of their paths, however they were listed.
    ordered = sorted(photos, key=lambda photo: photo.label)
    ranks = np.array([_rank(photo.name) for photo in ordered])
    for index in np.argsort(ranks, kind="stable"):
        yield float(ranks[index]), ordered[index]


def _rank(name: str) -> float:
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
