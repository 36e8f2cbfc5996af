"""Write the records of photos: the assignment's *Préparation du jeu de données*."""

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
from colorization.data.chroma_statistics import STATISTICS, ChromaStatistics
from colorization.data.image_io import Problem
from colorization.data.record_info import RecordInfo, Shard, save_info
from colorization.data.shard_writer import ShardPlan, WrittenShard, write_shards
from colorization.data.sources import Photo
from colorization.data.tfrecords import shard_name

PROBLEMS = "problems.jsonl"
BAD = {"unreadable", "too large"}  # kinds that count towards `max_bad`


def plan_shards(splits: Mapping[str, Sequence[Photo]], config: Preparation) -> list[ShardPlan]:
    """Divide the photos of "train" and "validation" into shards, split by split."""
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

    Photos that cannot be read, or have no color, are left out and named in `problems.jsonl`;
    duplicates are kept and named there. A run that was killed continues after its last finished
    shard and ends with the same bytes.

    Args:
        splits: Photos of "train" and "validation".
        output: Folder to write to; created if needed.
        config: Settings.
        problems: Problems that were found when the sources were opened.
        workers: Threads that read and decode ahead; one per core by default.

    Example:
        `write_records(split_photos(photos, 0.1), Path("records"), Preparation())`
    """
    output.mkdir(parents=True, exist_ok=True)
    plans = plan_shards(splits, config)
    summary = _PreparationSummary(sum(map(len, splits.values())), config.max_bad, list(problems))
    with (
        tqdm(total=summary.photos, unit=" photos", mininterval=1) as bar,
        ThreadPoolExecutor(workers or os.cpu_count()) as pool,
    ):
        shards = write_shards(plans, output, config, pool, bar.update)
        for plan, written in zip(plans, shards, strict=True):
            summary.add(plan, written)
            summary.check(output)
    return summary.save(plans, output, config)


def list_problems(folder: Path, each: int = 10) -> Iterator[str]:
    """Yield a line for each of the first `each` problems of a kind, and one for the rest."""
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
    """Totals over the shards of a run."""

    def __init__(self, photos: int, max_bad: float, problems: list[Problem]):
        self.photos = photos
        self.allowed = max_bad * photos
        self.problems = problems
        self.shards: list[Shard] = []
        self.keys: list[np.ndarray] = []
        self.statistics = ChromaStatistics.none()

    def add(self, plan: ShardPlan, written: WrittenShard) -> None:
        self.shards.append(written.shard)
        self.keys.append(written.keys)
        self.problems += written.problems
        if plan.split == "train":
            self.statistics += written.statistics

    def check(self, output: Path) -> None:
        """Raise if too many photos are bad so far; `problems.jsonl` names them."""
        bad = [problem for problem in self.problems if problem.kind in BAD]
        if len(bad) > self.allowed:
            _save_problems(output, sorted(self.problems))
            raise ValueError(
                f"{len(bad)} of {self.photos} photos cannot be read, more than `max_bad` allows; "
                f"the first are {'; '.join(f'{p.photo}: {p.reason}' for p in bad[:3])}; "
                f"{output / PROBLEMS} names all that were found"
            )

    def save(self, plans: Sequence[ShardPlan], output: Path, config: Preparation) -> RecordInfo:
        """Write everything except the shards, `info.json` last."""
        splits: dict[str, list[Shard]] = {plan.split: [] for plan in plans}
        for plan, shard in zip(plans, self.shards, strict=True):
            splits[plan.split].append(shard)
        for split, shards in splits.items():
            if not sum(shard.photos for shard in shards):
                raise ValueError(f"no usable photo for {split}: {self.problems[:5]}")
        kinds = _save_problems(output, self._with_duplicates(plans))
        self.statistics.save(output / STATISTICS)
        info = RecordInfo(config.image_size, splits, dict(kinds))
        save_info(output, info)
        shutil.rmtree(output / ".progress", ignore_errors=True)
        return info

    def _with_duplicates(self, plans: Sequence[ShardPlan]) -> Iterator[Problem]:
        yield from sorted(self.problems)
        keys = np.concatenate(self.keys)
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        duplicates = np.flatnonzero((first[inverse] != np.arange(len(keys))) & (keys != 0))
        labels = [photo.label for plan in plans for photo in plan.photos]
        for index in duplicates:
            yield Problem(labels[index], "duplicate", f"same as {labels[first[inverse[index]]]}")
