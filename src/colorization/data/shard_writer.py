"""From a list of photos to one shard, whole or not at all, and what is remembered of it.

A shard depends on its photos and on the settings alone: not on the machine, on the number of
workers, or on whether an earlier attempt was killed.
"""

import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import PIL
import tensorflow as tf

from colorization.config import Preparation
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.data.convert import ConvertedBatch, convert_photos, split_into_batches
from colorization.data.image_io import Problem
from colorization.data.sources import Photo
from colorization.data.tfrecords import FORMAT, Shard, write_shard

LIBRARIES = (PIL.__version__, tf.__version__)  # decoders may differ by a level


@dataclass(frozen=True)
class ShardPlan:
    """What a shard will be made of.

    Attributes:
        split: "train" or "validation".
        file: Its name.
        photos: Its photos, in order.
    """

    split: str
    file: str
    photos: Sequence[Photo]

    def digest(self, config: Preparation) -> str:
        """Return what tells this plan from any other: settings, and the photos' names and sizes."""
        known = hashlib.sha256(repr((FORMAT, LIBRARIES, config, self.file)).encode())
        for photo in self.photos:
            known.update(f"{photo.label}\0{_size(photo.path)}\n".encode("utf-8", "surrogateescape"))
        return known.hexdigest()


def _size(path: str | Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return -1


@dataclass(frozen=True)
class WrittenShard:
    """A finished shard.

    Attributes:
        shard: Its description.
        problems: The photos that are not in it.
        keys: `(photos,)` uint64, equal for photos whose files are equal; 0 for unreadable ones.
        statistics: Of a part of its pixels.
    """

    shard: Shard
    problems: list[Problem]
    keys: np.ndarray
    statistics: ChromaStatistics


def write_shards(
    plans: Sequence[ShardPlan],
    output: Path,
    config: Preparation,
    pool: Executor | None = None,
    progress: Callable[[int], object] = lambda photos: None,
) -> Iterator[WrittenShard]:
    """Make shards, those that an earlier attempt has not made.

    The photos of the next one are decoded while a shard is finished.

    Args:
        plans: What of.
        output: Folder to write to.
        config: Settings.
        pool: Threads that read and decode ahead; none by default.
        progress: Called with the number of photos done, many times.

    Yields:
        What was made of each plan.
    """
    memories = [_ShardCheckpoint(plan, output, config) for plan in plans]
    known = [memory.holds() for memory in memories]
    missing = (plan for plan, there in zip(plans, known, strict=True) if not there)
    groups = convert_photos(
        (group for plan in missing for group in split_into_batches(plan.photos)), config, pool
    )
    for plan, memory, there in zip(plans, memories, known, strict=True):
        if there:
            progress(len(plan.photos))
            yield memory.read()
        else:
            own = itertools.islice(groups, len(list(split_into_batches(plan.photos))))
            made = _made(output / plan.file, own, progress)
            memory.write(made)
            yield made


def _made(
    path: Path, groups: Iterator[ConvertedBatch], progress: Callable[[int], object]
) -> WrittenShard:
    problems: list[Problem] = []
    keys: list[int] = []
    samples = [(np.zeros(0, np.uint8), np.zeros(0, np.uint16))]

    def examples() -> Iterator[bytes]:
        for group in groups:
            yield from group.examples
            problems.extend(group.problems)
            keys.extend(group.keys)
            samples.extend(group.samples)
            progress(len(group.keys))

    shard = write_shard(path, examples())
    lightness, chroma = (np.concatenate(codes) for codes in zip(*samples, strict=True))
    statistics = ChromaStatistics.of(lightness, chroma)
    return WrittenShard(shard, problems, np.array(keys, np.uint64), statistics)


class _ShardCheckpoint:
    """What is known of a finished shard, for an attempt that goes on from there.

    Args:
        plan: Of the shard.
        output: Folder of the shards.
        config: Settings.
    """

    def __init__(self, plan: ShardPlan, output: Path, config: Preparation):
        self.path = output / ".progress" / f"{plan.file}.npz"
        self.output = output
        self.digest = plan.digest(config)

    def write(self, made: WrittenShard) -> None:
        """Remember a shard."""
        self.path.parent.mkdir(exist_ok=True)
        part = self.path.with_suffix(".part.npz")
        stated = {"digest": self.digest, "shard": asdict(made.shard), "problems": made.problems}
        # Not compressed: that would take longer than a hundred photos.
        np.savez(part, json=json.dumps(stated), keys=made.keys, **vars(made.statistics))
        part.replace(self.path)

    def holds(self) -> bool:
        """Return whether the shard is there, made of the same photos with the same settings."""
        if not self.path.is_file():
            return False
        with np.load(self.path) as stored:
            stated = json.loads(str(stored["json"]))
        shard = Shard(**stated["shard"])
        file = self.output / shard.file
        return stated["digest"] == self.digest and file.is_file() and _size(file) == shard.size

    def read(self) -> WrittenShard:
        """Return what was remembered."""
        with np.load(self.path) as stored:
            arrays = {name: stored[name] for name in stored.files}
        stated = json.loads(str(arrays.pop("json")))
        problems = [Problem(*problem) for problem in stated["problems"]]
        shard = Shard(**stated["shard"])
        return WrittenShard(shard, problems, arrays.pop("keys"), ChromaStatistics(**arrays))
