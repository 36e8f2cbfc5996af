"""Write shards from lists of photos, with a checkpoint after each one.

The bytes of a shard depend on its photos and the settings alone, not on the machine or on kills.
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

from colorization.config import Preparation
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.data.convert import ConvertedBatch, convert_photos, split_into_batches
from colorization.data.image_io import Problem
from colorization.data.record_info import FORMAT, Shard
from colorization.data.sources import Photo
from colorization.data.tfrecords import write_shard
from colorization.files import atomic_path

LIBRARIES = (PIL.__version__,)  # its decoders and its resizing decide the pixels


@dataclass(frozen=True)
class ShardPlan:
    """A shard to write: its split ("train" or "validation"), file name and photos, in order."""

    split: str
    file: str
    photos: Sequence[Photo]

    def digest(self, config: Preparation) -> str:
        """Return a SHA-256 of the settings, and of the photos' names and sizes."""
        digest = hashlib.sha256(repr((FORMAT, LIBRARIES, config, self.file)).encode())
        for photo in self.photos:
            line = f"{photo.label}\0{_size(photo.path)}\n"
            digest.update(line.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


def _size(path: str | Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return -1


@dataclass(frozen=True)
class WrittenShard:
    """A finished shard."""

    shard: Shard
    problems: list[Problem]  # photos of the plan that are left out
    keys: np.ndarray  # `(photos,)` uint64, equal for equal content; 0 for unreadable files
    statistics: ChromaStatistics  # of a part of the pixels


def write_shards(
    plans: Sequence[ShardPlan],
    output: Path,
    config: Preparation,
    pool: Executor | None = None,
    progress: Callable[[int], object] = lambda photos: None,
) -> Iterator[WrittenShard]:
    """Write the shards that an earlier run has not finished; yield all of them, in order.

    The threads of `pool` decode photos of the next shard while one is being finished. `progress` is
    called with the number of photos done, many times.
    """
    checkpoints = [_ShardCheckpoint(plan, output, config) for plan in plans]
    finished = [checkpoint.is_valid() for checkpoint in checkpoints]
    missing = (plan for plan, done in zip(plans, finished, strict=True) if not done)
    batches = convert_photos(
        (batch for plan in missing for batch in split_into_batches(plan.photos)), config, pool
    )
    for plan, checkpoint, done in zip(plans, checkpoints, finished, strict=True):
        if done:
            progress(len(plan.photos))
            yield checkpoint.read()
        else:
            own = itertools.islice(batches, len(list(split_into_batches(plan.photos))))
            written = _write_shard(output / plan.file, own, progress)
            checkpoint.write(written)
            yield written


def _write_shard(
    path: Path, batches: Iterator[ConvertedBatch], progress: Callable[[int], object]
) -> WrittenShard:
    problems: list[Problem] = []
    keys: list[int] = []
    samples = [(np.zeros(0, np.uint8), np.zeros(0, np.uint16))]

    def examples() -> Iterator[bytes]:
        for batch in batches:
            yield from batch.examples
            problems.extend(batch.problems)
            keys.extend(batch.keys)
            samples.extend(batch.samples)
            progress(len(batch.keys))

    shard = write_shard(path, examples())
    lightness, chroma = (np.concatenate(codes) for codes in zip(*samples, strict=True))
    statistics = ChromaStatistics.of(lightness, chroma)
    return WrittenShard(shard, problems, np.array(keys, np.uint64), statistics)


class _ShardCheckpoint:
    """File beside the shards from which a later run continues."""

    def __init__(self, plan: ShardPlan, output: Path, config: Preparation):
        self.path = output / ".progress" / f"{plan.file}.npz"
        self.output = output
        self.digest = plan.digest(config)

    def write(self, written: WrittenShard) -> None:
        self.path.parent.mkdir(exist_ok=True)
        header = {
            "digest": self.digest,
            "shard": asdict(written.shard),
            "problems": written.problems,
        }
        with atomic_path(self.path) as part:
            # Not compressed: that would take longer than a hundred photos.
            np.savez(part, json=json.dumps(header), keys=written.keys, **vars(written.statistics))

    def is_valid(self) -> bool:
        """Return whether the shard is there, of the same photos with the same settings."""
        if not self.path.is_file():
            return False
        with np.load(self.path) as stored:
            header = json.loads(str(stored["json"]))
        shard = Shard(**header["shard"])
        file = self.output / shard.file
        return header["digest"] == self.digest and file.is_file() and _size(file) == shard.size

    def read(self) -> WrittenShard:
        with np.load(self.path) as stored:
            arrays = {name: stored[name] for name in stored.files}
        header = json.loads(str(arrays.pop("json")))
        problems = [Problem(*problem) for problem in header["problems"]]
        shard = Shard(**header["shard"])
        return WrittenShard(shard, problems, arrays.pop("keys"), ChromaStatistics(**arrays))
