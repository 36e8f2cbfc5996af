"""Convert photos to serialized examples, batch by batch.

Threads read and decode ahead; the caller's thread encodes, so that they seldom wait.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import NamedTuple, TypeVar
from zlib import crc32

import numpy as np

from colorization.color.lab import GRAY_THRESHOLD
from colorization.color.lab_lookup import LabEncoder
from colorization.config import Preparation
from colorization.data.image_io import Problem, UnreadablePhotoError, decode_square, read_bytes
from colorization.data.sources import Photo
from colorization.data.tf_example import serialize_example

BATCH_PHOTOS = 32  # photos that are converted at a time
SAMPLE_STEP = 8  # statistics count every eighth row and column: neighbors hardly differ
T = TypeVar("T")
R = TypeVar("R")


class ConvertedBatch(NamedTuple):
    """Some converted photos."""

    examples: list[bytes]  # of the photos that are stored
    problems: list[Problem]  # of the others
    keys: list[int]  # one per photo, equal for equal content; 0 for unreadable files
    samples: list[tuple[np.ndarray, np.ndarray]]  # codes of L (uint8) and ab (uint16)


class LoadedPhoto(NamedTuple):
    """A photo as it is read: key of its content, and `(size, size, 3)` uint8 sRGB or an error."""

    key: int
    rgb: np.ndarray | UnreadablePhotoError


def split_into_batches(photos: Sequence[Photo]) -> Iterator[Sequence[Photo]]:
    """Yield batches of `BATCH_PHOTOS` photos; the last one may be smaller."""
    return (photos[at : at + BATCH_PHOTOS] for at in range(0, len(photos), BATCH_PHOTOS))


def convert_photos(
    batches: Iterable[Sequence[Photo]], config: Preparation, pool: Executor | None = None
) -> Iterator[ConvertedBatch]:
    """Read photos lazily, resize them to squares and convert these to codes, batch by batch.

    Photos that cannot be read become problems. The threads of `pool` read and decode ahead.
    """

    def load(photos: Sequence[Photo]) -> tuple[Sequence[Photo], list[LoadedPhoto]]:
        return photos, [load_photo(photo, config) for photo in photos]

    for photos, loaded in ordered_map(pool, load, batches) if pool else map(load, batches):
        yield _convert_batch(photos, loaded)


def ordered_map(pool: Executor, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Map with a pool, a few items ahead and in order; unlike `Executor.map`, it is lazy."""
    waiting: deque[Future[R]] = deque()
    for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) > 2 * (os.cpu_count() or 1):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def load_photo(photo: Photo, config: Preparation) -> LoadedPhoto:
    """Read a photo as a small square."""
    key = 0
    try:
        data = read_bytes(photo.path)
        key = len(data) << 32 | crc32(data)
        return LoadedPhoto(key, decode_square(data, config.image_size, config.crop))
    except UnreadablePhotoError as error:
        return LoadedPhoto(key, error)


def _convert_batch(photos: Sequence[Photo], loaded: Sequence[LoadedPhoto]) -> ConvertedBatch:
    batch = ConvertedBatch([], [], [key for key, _ in loaded], [])
    for photo, (_, rgb) in zip(photos, loaded, strict=True):
        if isinstance(rgb, UnreadablePhotoError):
            batch.problems.append(Problem(photo.label, rgb.kind, str(rgb)))
        else:
            _add_photo(batch, photo, rgb)
    return batch


def _add_photo(batch: ConvertedBatch, photo: Photo, rgb: np.ndarray) -> None:
    lightness, chroma = _encoder().encode(rgb)
    if is_near_gray(chroma):
        batch.problems.append(Problem(photo.label, "grayscale", "no color to learn from"))
        return
    batch.examples.append(serialize_example(photo.label, lightness, chroma))
    image = rgb.shape[:2]
    batch.samples.append((_sample(lightness.reshape(image)), _sample(chroma.reshape(image))))


def _sample(codes: np.ndarray) -> np.ndarray:
    return codes[::SAMPLE_STEP, ::SAMPLE_STEP].ravel()


def is_near_gray(chroma: np.ndarray) -> bool:
    """Return whether no |a| or |b| of `(pixels,)` uint16 codes exceeds `GRAY_THRESHOLD`."""
    codes = chroma.view(np.uint8)
    # A few pixels decide about almost every photo.
    return all(
        some.max() <= 128 + GRAY_THRESHOLD and some.min() >= 128 - GRAY_THRESHOLD
        for some in (codes[::64], codes)
    )


_OWN = threading.local()


def _encoder() -> LabEncoder:
    if not hasattr(_OWN, "encoder"):
        _OWN.encoder = LabEncoder()
    encoder: LabEncoder = _OWN.encoder
    return encoder


def rgb_to_codes(rgb: np.ndarray) -> np.ndarray:
    """Convert `(H, W, 3)` uint8 sRGB to `(H, W, 3)` uint8 codes of L, a and b."""
    lightness, chroma = _encoder().encode(rgb)
    codes = [lightness, *chroma.view(np.uint8).reshape(-1, 2).T]
    return np.stack(codes, axis=-1).reshape(rgb.shape)
