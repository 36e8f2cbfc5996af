"""From a list of photos to one shard, whole or not at all, and what is remembered of it.

A shard depends on its photos and on the settings alone: not on the machine, on the number of
workers, or on whether an earlier attempt was killed.
"""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar, cast
from zlib import crc32

import numpy as np
import PIL
import tensorflow as tf

from colorization.codes import Encoder, chroma_of, lightness_of
from colorization.config import Preparation
from colorization.jpegs import is_plain, squares_of
from colorization.photos import Problem, UnreadablePhotoError, content_of, square_of
from colorization.records import FORMAT, Shard, serialise, write_shard
from colorization.sources import Photo
from colorization.statistics import ChromaStatistics

GROUP = 32  # photos that a worker converts at a time
NEAR_GREY = 5  # Zhang et al. give a training image no weight unless some |a| or |b| exceeds 5
SAMPLED = 8  # statistics count every eighth row and column: neighbours say the same
LIBRARIES = (PIL.__version__, tf.__version__)  # decoders may differ by a level
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


class Group(NamedTuple):
    """Some photos, converted.

    Attributes:
        examples: Those that are stored, serialised.
        problems: The others.
        keys: Of all of them, of their files' content.
        samples: Packed codes of some pixels of those that are stored.
    """

    examples: list[bytes]
    problems: list[Problem]
    keys: list[int]
    samples: list[np.ndarray]


def convert(photos: Sequence[Photo], config: Preparation) -> Group:
    """Read photos, make squares of them and look their codes up.

    Args:
        photos: Some photos.
        config: Image size and crop.

    Returns:
        What they became. Nothing is raised for a photo that cannot be read: it is named.
    """
    encoder = _encoder(config.image_size)
    side = config.image_size
    group = Group([], [], [], [])
    for photo, key, found in zip(photos, *load_squares(photos, config), strict=True):
        group.keys.append(key)
        if isinstance(found, UnreadablePhotoError):
            group.problems.append(Problem(photo.label, found.kind, str(found)))
            continue
        packed = encoder.encode(found)
        chroma = chroma_of(packed).tobytes()
        if is_near_grey(chroma):
            group.problems.append(Problem(photo.label, "greyscale", "no colour to learn from"))
            continue
        group.examples.append(serialise(photo.label, lightness_of(packed).tobytes(), chroma))
        group.samples.append(packed.reshape(side, side)[::SAMPLED, ::SAMPLED].ravel())
    return group


def load_squares(
    photos: Sequence[Photo], config: Preparation
) -> tuple[list[int], list[np.ndarray | UnreadablePhotoError]]:
    """Read photos as small squares, plain JPEGs the fast way.

    Args:
        photos: Some photos.
        config: Image size and crop.

    Returns:
        A key of each file's content, 0 if it has none; and each `(size, size, 3)` uint8 square,
        or why there is none.
    """
    datas = [_tried(content_of, photo.path) for photo in photos]
    keys = [len(d) << 32 | crc32(d) if isinstance(d, bytes) else 0 for d in datas]
    plain = [
        index
        for index, data in enumerate(datas)
        if isinstance(data, bytes) and config.crop == "squash" and is_plain(data, config.image_size)
    ]
    quick = squares_of([cast(bytes, datas[index]) for index in plain], config.image_size)
    squares = dict(zip(plain, quick, strict=True))
    found: list[np.ndarray | UnreadablePhotoError] = []
    for index, data in enumerate(datas):
        square = squares.get(index)
        if square is None and isinstance(data, bytes):
            found.append(_tried(square_of, data, config.image_size, config.crop))
        else:
            found.append(cast(UnreadablePhotoError, data) if square is None else square)
    return keys, found


def _tried(read: Callable[..., R], *arguments: object) -> R | UnreadablePhotoError:
    try:
        return read(*arguments)
    except UnreadablePhotoError as error:
        return error


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
    progress: Callable[[int], object] = lambda photos: None,
) -> Made:
    """Make one shard, unless an earlier attempt has. Shards may be made at the same time.

    Args:
        plan: What of.
        output: Folder to write to.
        config: Settings.
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
    samples = [np.zeros(0, np.int32)]

    def examples() -> Iterator[bytes]:
        for at in range(0, len(plan.photos), GROUP):
            group = convert(plan.photos[at : at + GROUP], config)
            yield from group.examples
            problems.extend(group.problems)
            keys.extend(group.keys)
            samples.extend(group.samples)
            progress(len(group.keys))

    shard = write_shard(output / plan.file, examples())
    sample = np.concatenate(samples)
    statistics = ChromaStatistics.of(lightness_of(sample), chroma_of(sample))
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


def codes_of(rgb: np.ndarray) -> np.ndarray:
    """Convert a square to codes, as records hold them.

    Args:
        rgb: `(size, size, 3)` uint8 sRGB.

    Returns:
        `(size, size, 3)` uint8 codes of L, a and b.
    """
    size = len(rgb)
    packed = _encoder(size).encode(rgb).copy()
    return packed.view(np.uint8).reshape(size, size, 4)[..., [0, 2, 3]]
