"""Folders of records that are read together, opened once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from colorization.data.chroma_statistics import STATISTICS, ChromaStatistics
from colorization.data.record_info import RecordInfo
from colorization.data.tfrecords import load_info


@dataclass(frozen=True)
class RecordSet:
    """Folders of records with their weights and descriptions.

    Example:
        `RecordSet.open({Path("people"): 3, Path("things"): 1}).count("train")`
    """

    weights: dict[Path, float]  # above 0: shares of every batch
    infos: dict[Path, RecordInfo]

    @classmethod
    def open(cls, records: Records) -> RecordSet:
        """Read descriptions and check the shards; an open `RecordSet` is returned as it is."""
        if isinstance(records, RecordSet):
            return records
        weights = folder_weights(records)
        return cls(weights, {folder: load_info(folder) for folder in weights})

    def count(self, split: str) -> int:
        """Return the number of photos in "train" or "validation"."""
        return sum(info.count(split) for info in self.infos.values())

    def training_size(self, image_size: int | None) -> int:
        """Return the side of the images in training, pixels: `image_size`, or the records'."""
        sizes = {folder: info.image_size for folder, info in self.infos.items()}
        smallest = min(sizes, key=lambda folder: sizes[folder])
        if image_size is None and len(set(sizes.values())) > 1:
            raise ValueError(
                "`image_size` must be given for records of several sizes, received "
                + ", ".join(f"{folder} ({size} pixels)" for folder, size in sizes.items())
            )
        if image_size is not None and image_size > sizes[smallest]:
            raise ValueError(
                f"`image_size` must be at most that of the records, received {image_size} for "
                f"{smallest} ({sizes[smallest]} pixels); train with a smaller `image_size`, or "
                f"prepare the records again with `image_size={image_size}` "
                f"(`deepcolor prepare --image-size {image_size}`)"
            )
        return image_size or sizes[smallest]

    @cached_property
    def ab_counts(self) -> np.ndarray:
        """`(256, 256)` int64 counts of the training set's chroma, as `ChromaStatistics`."""
        statistics = [ChromaStatistics.load(folder / STATISTICS) for folder in self.weights]
        return sum(statistics, ChromaStatistics.none()).ab_counts


Records = str | Path | Mapping[Path, float] | RecordSet


def folder_weights(records: str | Path | Mapping[Path, float]) -> dict[Path, float]:
    """Return folders of records with their weights, above 0; a single folder has weight 1."""
    folders = {Path(records): 1.0} if isinstance(records, (str, Path)) else dict(records)
    if not folders or not all(weight > 0 for weight in folders.values()):
        raise ValueError(
            "`records` must be folders with weights above 0, "
            f"received weights {list(folders.values())}"
        )
    return folders
