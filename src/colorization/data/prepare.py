"""From photos to records: the assignment's *Préparation du jeu de données*."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from pathlib import Path

import numpy as np
from tqdm import tqdm

from colorization.config import Preparation
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.data.image_io import Problem
from colorization.data.shard_writer import ShardPlan, WrittenShard, write_shards
from colorization.data.sources import Photo
from colorization.data.tfrecords import RecordInfo, Shard, save_info, shard_name

STATISTICS = "statistics.npz"
PROBLEMS = "problems.jsonl"
BAD = {"unreadable", "too large"}


def plan_shards(splits: Mapping[str, Sequence[Photo]], config: Preparation) -> list[ShardPlan]:
    """Divide the photos of each split among shards.

    Args:
        splits: The photos of "train" and "validation".
        config: Photos per shard.

    Returns:
        The plans, split by split.
    """
    step = config.shard_examples
    return [
        ShardPlan(split, shard_name(split, index, count), photos[index * step :][:step])
        for split, photos in splits.items()
        for count in [ceil(len(photos) / step)]
        for index in range(count)
    ]


def write_records(
    splits: Mapping[str, Sequence[Photo]],
    output: Path,
    config: Preparation,
    problems: Iterable[Problem] = (),
    workers: int | None = None,
) -> RecordInfo:
    """Write the shards of both splits, the training set's statistics, and `info.json`.

    Photos that cannot be read, or have no color to learn from, are left out and named in
    `problems.jsonl`; duplicates are kept and named there. A run that was killed goes on where it
    was, shard by shard, and ends with the same bytes.

    Args:
        splits: The photos of "train" and "validation".
        output: Folder to write to; created if needed.
        config: Image size, photos per shard, and how many bad photos are too many.
        problems: What could not be read before it came to photos.
        workers: Threads that read and decode ahead; one per core by default.

    Returns:
        What was written.

    Raises:
        ValueError: If no photo of a split is usable, or too many photos cannot be read.
    """
    output.mkdir(parents=True, exist_ok=True)
    plans = plan_shards(splits, config)
    gathered = _PreparationSummary(sum(map(len, splits.values())), config.max_bad, list(problems))
    with (
        tqdm(total=gathered.photos, unit=" photos", mininterval=1) as bar,
        ThreadPoolExecutor(workers or os.cpu_count()) as pool,
    ):
        shards = write_shards(plans, output, config, pool, bar.update)
        for plan, made in zip(plans, shards, strict=True):
            gathered.add(plan, made)
            gathered.check(output)
    return gathered.finish(plans, output, config)


def list_problems(folder: Path, each: int = 10) -> Iterator[str]:
    """Name the first problems of each kind, for the screen.

    Args:
        folder: Folder of records.
        each: How many of a kind.

    Yields:
        A line for each.
    """
    seen: Counter[str] = Counter()
    with (folder / PROBLEMS).open(encoding="utf-8") as file:
        for problem in (Problem(**json.loads(line)) for line in file):
            seen[problem.kind] += 1
            if seen[problem.kind] <= each:
                yield f"{problem.kind}: {problem.photo}: {problem.reason}"
    for kind, count in seen.items():
        if count > each:
            yield f"{kind}: and {count - each} more"


def _save_problems(output: Path, problems: Iterable[Problem]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    with (output / PROBLEMS).open("w", encoding="utf-8") as file:
        for problem in problems:
            kinds[problem.kind] += 1
            file.write(json.dumps(problem._asdict()) + "\n")
    return kinds


class _PreparationSummary:
    """What the shards of a run add up to.

    Args:
        photos: How many there are.
        max_bad: Which share of them may be bad.
        problems: What was wrong before the first shard.
    """

    def __init__(self, photos: int, max_bad: float, problems: list[Problem]):
        self.photos = photos
        self.allowed = max_bad * photos
        self.problems = problems
        self.shards: list[Shard] = []
        self.keys: list[np.ndarray] = []
        self.statistics = ChromaStatistics.none()

    def add(self, plan: ShardPlan, made: WrittenShard) -> None:
        """Add a shard."""
        self.shards.append(made.shard)
        self.keys.append(made.keys)
        self.problems += made.problems
        if plan.split == "train":
            self.statistics += made.statistics

    def check(self, output: Path) -> None:
        """Raise as soon as too many photos are bad; `problems.jsonl` names those found so far."""
        bad = [problem for problem in self.problems if problem.kind in BAD]
        if len(bad) > self.allowed:
            _save_problems(output, sorted(self.problems))
            raise ValueError(
                f"{len(bad)} of {self.photos} photos cannot be read, more than `max_bad` allows; "
                f"the first are {'; '.join(f'{p.photo}: {p.reason}' for p in bad[:3])}; "
                f"{output / PROBLEMS} names all that were found"
            )

    def finish(self, plans: Sequence[ShardPlan], output: Path, config: Preparation) -> RecordInfo:
        """Write everything but the shards, `info.json` last."""
        splits: dict[str, list[Shard]] = {plan.split: [] for plan in plans}
        for plan, shard in zip(plans, self.shards, strict=True):
            splits[plan.split].append(shard)
        for split, shards in splits.items():
            if not sum(shard.photos for shard in shards):
                raise ValueError(f"no usable photo for {split}: {self.problems[:5]}")
        kinds = _save_problems(output, self._every(plans))
        self.statistics.save(output / STATISTICS)
        info = RecordInfo(config.image_size, splits, dict(kinds))
        save_info(output, info)
        shutil.rmtree(output / ".progress", ignore_errors=True)
        return info

    def _every(self, plans: Sequence[ShardPlan]) -> Iterator[Problem]:
        yield from sorted(self.problems)
        keys = np.concatenate(self.keys)
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        again = np.flatnonzero((first[inverse] != np.arange(len(keys))) & (keys != 0))
        labels = [photo.label for plan in plans for photo in plan.photos]
        for index in again:
            yield Problem(labels[index], "duplicate", f"same as {labels[first[inverse[index]]]}")
