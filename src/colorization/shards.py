"""From a list of photos to one shard, whole or not at all, and what is remembered of it.

A shard depends on its photos and on the settings alone: not on the machine, on the number of
workers, or on whether an earlier attempt was killed.
"""

import hashlib
import json
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar
from zlib import crc32

import numpy as np
import PIL
from PIL import Image

from colorization.codes import Encoder, chroma_of, lightness_of
from colorization.config import Preparation
from colorization.photos import Problem, UnreadablePhotoError, load_square
from colorization.records import FORMAT, Shard, serialise, write_shard
from colorization.sources import Photo
from colorization.statistics import ChromaStatistics

GROUP = 32  # photos that a worker converts at a time
NEAR_GREY = 5  # Zhang et al. give a training image no weight unless some |a| or |b| exceeds 5
SAMPLED = 4  # statistics count every fourth row and column: as many pixels as Zhang's output has
T = TypeVar("T")
R = TypeVar("R")


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
        known = hashlib.sha256(repr((FORMAT, PIL.__version__, config, self.file)).encode())
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


class Group(NamedTuple):
    """Some photos, converted: one example and key each, or a problem."""

    examples: list[bytes]
    problems: list[Problem]
    keys: list[int]
    sample: np.ndarray


def convert(photos: Sequence[Photo], config: Preparation) -> Group:
    """Read photos, make squares of them and look their codes up.

    Args:
        photos: Some photos.
        config: Image size and crop.

    Returns:
        What they became. Nothing is raised for a photo that cannot be read: it is named.
    """
    encoder = _encoder(config.image_size)
    examples, problems, keys, samples = [], [], [], []
    for photo in photos:
        try:
            image, data = load_square(photo.path, config.image_size, config.crop)
        except UnreadablePhotoError as error:
            problems.append(Problem(photo.label, error.kind, str(error)))
            keys.append(0)
            continue
        keys.append(len(data) << 32 | crc32(data))
        packed = encoder.encode(image)
        chroma = chroma_of(packed).tobytes()
        if is_near_grey(chroma):
            problems.append(Problem(photo.label, "greyscale", "no colour to learn from"))
            continue
        examples.append(serialise(photo.label, lightness_of(packed).tobytes(), chroma))
        side = config.image_size
        samples.append(packed.reshape(side, side)[::SAMPLED, ::SAMPLED].ravel())
    sample = np.concatenate(samples) if samples else np.zeros(0, np.int32)
    return Group(examples, problems, keys, sample)


def is_near_grey(chroma: bytes) -> bool:
    """Return whether no pixel is colourful: no `|a|` or `|b|` over `NEAR_GREY`."""
    # Almost every photo is decided by a few of its pixels.
    for step in (64, 1):
        codes = np.frombuffer(chroma, np.uint8)[::step]
        if codes.max() > 128 + NEAR_GREY or codes.min() < 128 - NEAR_GREY:
            return False
    return True


_OWN = threading.local()


def _encoder(size: int) -> Encoder:
    kept: Encoder | None = getattr(_OWN, "encoder", None)
    if kept is None or len(kept.packed) != size * size:
        kept = _OWN.encoder = Encoder(size)
    return kept


def make_shard(
    plan: ShardPlan,
    output: Path,
    config: Preparation,
    pool: Executor,
    progress: Callable[[int], object] = lambda photos: None,
) -> Made:
    """Make one shard, unless an earlier attempt has.

    Args:
        plan: What of.
        output: Folder to write to.
        config: Settings.
        pool: Workers that share this process's memory.
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
    statistics = [ChromaStatistics.none()]

    def examples() -> Iterator[bytes]:
        groups = [plan.photos[at : at + GROUP] for at in range(0, len(plan.photos), GROUP)]
        for group in in_order(pool, lambda photos: convert(photos, config), groups):
            yield from group.examples
            problems.extend(group.problems)
            keys.extend(group.keys)
            lightness, chroma = lightness_of(group.sample), chroma_of(group.sample)
            statistics[0] += ChromaStatistics.of(lightness, chroma)
            progress(len(group.keys))

    shard = write_shard(output / plan.file, examples())
    made = Made(shard, problems, np.array(keys, np.uint64), statistics[0])
    _remember(memory, digest, made)
    return made


def in_order(pool: Executor, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Call a function on items, a few at a time, and give the results in the items' order.

    Args:
        pool: Runs the calls.
        function: What to call.
        items: What on; taken as they are needed, so memory does not grow with their number.

    Returns:
        The results.
    """
    waiting: deque[Future[R]] = deque()
    for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) > 2 * (os.cpu_count() or 1):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


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


def example_pair(photo: Photo, config: Preparation) -> tuple[Image.Image, np.ndarray]:
    """Show what a photo becomes.

    Args:
        photo: The photo.
        config: Image size and crop.

    Returns:
        The square, and its codes of L, a and b: `(size, size, 3)` uint8.
    """
    image, _ = load_square(photo.path, config.image_size, config.crop)
    packed = _encoder(config.image_size).encode(image)
    codes = packed.copy().view(np.uint8).reshape(config.image_size, config.image_size, 4)
    return image, codes[..., [0, 2, 3]]
