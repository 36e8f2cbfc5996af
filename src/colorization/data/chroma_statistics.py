"""Counts of a training set's colors, made while its records are written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorization.files import atomic_path

STATISTICS = "statistics.npz"  # in a folder of records


@dataclass(frozen=True)
class ChromaStatistics:
    """Counts over pixels of 8-bit Lab images, int64."""

    ab_counts: np.ndarray  # `(256, 256)` pixels by the codes `a + 128` and `b + 128`
    lightness_counts: np.ndarray  # `(256,)` pixels by the code `L * 255 / 100`
    lightness_ab_sums: np.ndarray  # `(256, 2)` sums of a and b over the pixels of each code of L

    @classmethod
    def of(cls, lightness: np.ndarray, chroma: np.ndarray) -> ChromaStatistics:
        """Count `(n,)` pixels: uint8 codes of L, and uint16 codes of ab, `a + 256 * b`."""
        chroma = chroma.astype(np.intp)
        # Sums of whole numbers below 2^53 are exact in the float64 that bincount adds up in.
        sums = [
            np.bincount(lightness, channel - 128, 256) for channel in (chroma & 255, chroma >> 8)
        ]
        return cls(
            np.bincount(chroma, minlength=256 * 256).reshape(256, 256).T,
            np.bincount(lightness, minlength=256),
            np.stack(sums, axis=-1).astype(np.int64),
        )

    @classmethod
    def none(cls) -> ChromaStatistics:
        """Return empty statistics."""
        return cls.of(np.zeros(0, np.uint8), np.zeros(0, np.uint16))

    def __add__(self, other: ChromaStatistics) -> ChromaStatistics:
        return ChromaStatistics(
            self.ab_counts + other.ab_counts,
            self.lightness_counts + other.lightness_counts,
            self.lightness_ab_sums + other.lightness_ab_sums,
        )

    def mean_ab(self) -> np.ndarray:
        """Return the mean ab, `(2,)` float32; zeros if nothing was counted."""
        total = max(int(self.lightness_counts.sum()), 1)
        return (self.lightness_ab_sums.sum(axis=0) / total).astype(np.float32)

    def lightness_table(self) -> np.ndarray:
        """Return the mean ab of each code of L, `(256, 2)` float32, interpolated if unseen."""
        seen = np.flatnonzero(self.lightness_counts)
        if not len(seen):
            raise ValueError("a lightness table needs at least one counted pixel, received none")
        means = self.lightness_ab_sums[seen] / self.lightness_counts[seen, None]
        levels = np.arange(256)
        columns = [np.interp(levels, seen, means[:, channel]) for channel in range(2)]
        return np.stack(columns, axis=-1).astype(np.float32)

    def save(self, path: Path) -> None:
        """Write the counts to an `.npz` file, whole or not at all."""
        with atomic_path(path) as part:
            np.savez_compressed(part, **vars(self))

    @classmethod
    def load(cls, path: Path) -> ChromaStatistics:
        """Read a file that `save` wrote.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If it is damaged, or something else.
        """
        try:
            with path.open("rb") as file, np.load(file) as stored:
                statistics = cls(**stored)
        except FileNotFoundError:
            raise
        except Exception as error:  # NumPy and zipfile raise a dozen types for damaged files
            raise ValueError(f"{path} does not hold statistics of records: {error!r}") from error
        for name, counts in vars(cls.none()).items():
            found = getattr(statistics, name)
            if (found.shape, found.dtype) != (counts.shape, counts.dtype):
                raise ValueError(
                    f"{path} does not hold statistics of records: `{name}` must be "
                    f"{counts.shape} {counts.dtype}, received {found.shape} {found.dtype}"
                )
        return statistics
