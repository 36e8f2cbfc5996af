"""Split photos into training and validation, by a hash or by CelebA's official partition."""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from colorization.data.archives import PARTITIONS
from colorization.data.sources import Photo, list_files

TEST = 2  # in CelebA's partition; 0 is training, 1 validation


def read_partitions(sources: Sequence[Path], scratch: Path) -> dict[str, dict[str, int]]:
    """Read CelebA's official partition where a source has it, at any depth or in a zip.

    Arguments are those of `open_sources`. The result has, by folder, 1 (validation) or 2 (test) by
    file name; photos of the training set are not listed.
    """
    partitions: dict[str, dict[str, int]] = {}
    for number, source in enumerate(sources):
        places = [place for place in (source, scratch / str(number)) if place.is_dir()]
        files = [
            place / label
            for place in places
            for label in list_files(place, {".csv", ".txt"}, [])
            if label.rpartition("/")[2] in PARTITIONS
        ]
        if files:
            partitions |= dict.fromkeys(map(str, places), _read_partition(files[0]))
    return partitions


def _read_partition(partition: Path) -> dict[str, int]:
    separator = "," if partition.suffix == ".csv" else " "
    with partition.open(newline="", encoding="utf-8") as opened:
        rows = csv.reader(opened, delimiter=separator, skipinitialspace=True)
        return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1] in ("1", "2")}


def split_photos(
    photos: Sequence[Photo],
    validation_fraction: float,
    partitions: Mapping[str, Mapping[str, int]] | None = None,
) -> dict[str, list[Photo]]:
    """Split photos into "train" and "validation" by a hash of their file names; neither is empty.

    A photo keeps its split when others are added or removed, and on any machine. Within a split
    photos are in the order of their hashes, which shuffles them reproducibly.

    Args:
        photos: At least two photos.
        validation_fraction: Share of the validation split, in (0, 1).
        partitions: As `read_partitions` returns them. A partition replaces the fraction, unless a
            split would be empty, and its test set is left out.
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
    # Sorted first, so that the order of photos with the same name is always the same.
    ordered = sorted(photos, key=lambda photo: photo.label)
    ranks = np.array([_rank(photo.name) for photo in ordered])
    for index in np.argsort(ranks, kind="stable"):
        yield float(ranks[index]), ordered[index]


def _rank(name: str) -> float:
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
