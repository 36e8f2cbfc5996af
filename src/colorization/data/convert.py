"""From photos to codes: some photos at a time, each stored or named with its problem.

Threads decode ahead, inside TensorFlow; looking codes up and writing is left to whoever asks for
them. So Python's lock, which all of that needs now and then, is hardly ever waited for.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import NamedTuple, TypeVar, cast
from zlib import crc32

import numpy as np

from colorization.color.lab_lookup import LabEncoder
from colorization.config import Preparation
from colorization.data.image_io import Problem, UnreadablePhotoError, decode_square, read_bytes
from colorization.data.jpegs import is_plain, squares_of
from colorization.data.sources import Photo
from colorization.data.tf_example import serialize_example

BATCH_PHOTOS = 32  # photos that are converted at a time
GRAY_THRESHOLD = 5  # Zhang et al. give a training image no weight unless some |a| or |b| exceeds 5
SAMPLE_STEP = 8  # statistics count every eighth row and column: neighbors say the same
Keys = list[int]
Squares = list[np.ndarray | UnreadablePhotoError]
T = TypeVar("T")
R = TypeVar("R")


class ConvertedBatch(NamedTuple):
    """Some photos, converted.

    Attributes:
        examples: Those that are stored, serialized.
        problems: The others.
        keys: Of all of them, of their files' content.
        samples: Codes of some pixels of those that are stored: of L, uint8, and of ab, uint16.
    """

    examples: list[bytes]
    problems: list[Problem]
    keys: list[int]
    samples: list[tuple[np.ndarray, np.ndarray]]


def split_into_batches(photos: Sequence[Photo]) -> Iterator[Sequence[Photo]]:
    """Divide photos into groups of `BATCH_PHOTOS`; the last one may be smaller."""
    return (photos[at : at + BATCH_PHOTOS] for at in range(0, len(photos), BATCH_PHOTOS))


def convert_photos(
    groups: Iterable[Sequence[Photo]], config: Preparation, pool: Executor | None = None
) -> Iterator[ConvertedBatch]:
    """Read photos, make squares of them and look their codes up.

    Args:
        groups: The photos, as `split_into_batches` divides them; taken as they are needed.
        config: Image size and crop.
        pool: Threads that read and decode ahead; none by default.

    Yields:
        What each group becomes. Nothing is raised for a photo that cannot be read: it is named.
    """

    def load(photos: Sequence[Photo]) -> tuple[Sequence[Photo], Keys, Squares]:
        return photos, *load_batch(photos, config)

    for loaded in ordered_map(pool, load, groups) if pool else map(load, groups):
        yield _group(*loaded)


def ordered_map(pool: Executor, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
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


def _group(photos: Sequence[Photo], keys: Keys, squares: Squares) -> ConvertedBatch:
    group = ConvertedBatch([], [], keys, [])
    for photo, found in zip(photos, squares, strict=True):
        if isinstance(found, UnreadablePhotoError):
            group.problems.append(Problem(photo.label, found.kind, str(found)))
        else:
            _store(group, photo, found)
    return group


def _store(group: ConvertedBatch, photo: Photo, rgb: np.ndarray) -> None:
    lightness, chroma = _encoder().encode(rgb)
    if is_near_gray(chroma):
        group.problems.append(Problem(photo.label, "grayscale", "no color to learn from"))
        return
    group.examples.append(serialize_example(photo.label, lightness, chroma))
    image = rgb.shape[:2]
    group.samples.append((_sampled(lightness.reshape(image)), _sampled(chroma.reshape(image))))


def _sampled(codes: np.ndarray) -> np.ndarray:
    return codes[::SAMPLE_STEP, ::SAMPLE_STEP].ravel()


def load_batch(photos: Sequence[Photo], config: Preparation) -> tuple[Keys, Squares]:
    """Read photos as small squares, plain JPEGs the fast way.

    Args:
        photos: Some photos.
        config: Image size and crop.

    Returns:
        A key of each file's content, 0 if it has none; and each `(size, size, 3)` uint8 square,
        or why there is none.
    """
    datas = [_tried(read_bytes, photo.path) for photo in photos]
    keys = [len(d) << 32 | crc32(d) if isinstance(d, bytes) else 0 for d in datas]
    plain = [
        index
        for index, data in enumerate(datas)
        if isinstance(data, bytes) and config.crop == "squash" and is_plain(data, config.image_size)
    ]
    quick = squares_of([cast(bytes, datas[index]) for index in plain], config.image_size)
    squares = dict(zip(plain, quick, strict=True))
    found: Squares = []
    for index, data in enumerate(datas):
        square = squares.get(index)
        if square is None and isinstance(data, bytes):
            found.append(_tried(decode_square, data, config.image_size, config.crop))
        else:
            found.append(cast(UnreadablePhotoError, data) if square is None else square)
    return keys, found


def _tried(read: Callable[..., R], *arguments: object) -> R | UnreadablePhotoError:
    try:
        return read(*arguments)
    except UnreadablePhotoError as error:
        return error


def is_near_gray(chroma: np.ndarray) -> bool:
    """Return whether neither `|a|` nor `|b|` of any pixel exceeds `GRAY_THRESHOLD`.

    Args:
        chroma: `(pixels,)` uint16 codes, `a + 256 * b`.
    """
    codes = chroma.view(np.uint8)
    # Almost every photo is decided by a few of its pixels.
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
    """Convert a square to codes, as records hold them.

    Args:
        rgb: `(size, size, 3)` uint8 sRGB.

    Returns:
        `(size, size, 3)` uint8 codes of L, a and b.
    """
    lightness, chroma = _encoder().encode(rgb)
    codes = [lightness, *chroma.view(np.uint8).reshape(-1, 2).T]
    return np.stack(codes, axis=-1).reshape(rgb.shape)
