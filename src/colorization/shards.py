"""From a list of photos to one shard, whole or not at all, and what is remembered of it.

A shard depends on its photos and on the settings alone: not on the machine, on the number of
workers, or on whether an earlier attempt was killed.
"""

import hashlib
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
from colorization.conversion import convert
from colorization.photos import Problem
from colorization.records import FORMAT, Shard, write_shard
from colorization.sources import Photo
from colorization.statistics import ChromaStatistics

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


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return -1


@dataclass(frozen=True)
class Made:
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


def make_shard(
    plan: ShardPlan,
    output: Path,
    config: Preparation,
    pool: Executor | None = None,
    progress: Callable[[int], object] = lambda photos: None,
) -> Made:
    """Make one shard, unless an earlier attempt has. Shards may be made at the same time.

    Args:
        plan: What of.
        output: Folder to write to.
        config: Settings.
        pool: Threads that read and decode ahead; none by default.
        progress: Called with the number of photos done, many times.

    Returns:
        What was made.
    """
    digest = plan.digest(config)
    memory = output / ".progress" / f"{plan.file}.npz"
    if made := _remembered(memory, digest, output):
        progress(len(plan.photos))
        return made
    problems: list[Problem] = []
    keys: list[int] = []
    samples = [(np.zeros(0, np.uint8), np.zeros(0, np.uint16))]

    def examples() -> Iterator[bytes]:
        for group in convert(plan.photos, config, pool):
            yield from group.examples
            problems.extend(group.problems)
            keys.extend(group.keys)
            samples.extend(group.samples)
            progress(len(group.keys))

    shard = write_shard(output / plan.file, examples())
    lightness, chroma = (np.concatenate(codes) for codes in zip(*samples, strict=True))
    statistics = ChromaStatistics.of(lightness, chroma)
    made = Made(shard, problems, np.array(keys, np.uint64), statistics)
    _remember(memory, digest, made)
    return made


def _remember(memory: Path, digest: str, made: Made) -> None:
    memory.parent.mkdir(exist_ok=True)
    part = memory.with_suffix(".part.npz")
    stated = {"digest": digest, "shard": asdict(made.shard), "problems": made.problems}
    np.savez_compressed(part, json=json.dumps(stated), keys=made.keys, **vars(made.statistics))
    part.replace(memory)


def _remembered(memory: Path, digest: str, output: Path) -> Made | None:
    if not memory.is_file():
        return None
    with np.load(memory) as stored:
        arrays = {name: stored[name] for name in stored.files}
    stated = json.loads(str(arrays.pop("json")))
    shard = Shard(**stated["shard"])
    file = output / shard.file
    if stated["digest"] != digest or not file.is_file() or file.stat().st_size != shard.size:
        return None
    problems = [Problem(*problem) for problem in stated["problems"]]
    return Made(shard, problems, arrays.pop("keys"), ChromaStatistics(**arrays))
