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

from colorization.color.lab_lookup import Encoder
from colorization.config import Preparation
from colorization.data.image_io import Problem, UnreadablePhotoError, content_of, square_of
from colorization.data.jpegs import is_plain, squares_of
from colorization.data.sources import Photo
from colorization.data.tf_example import serialise

GROUP = 32  # photos that are converted at a time
NEAR_GREY = 5  # Zhang et al. give a training image no weight unless some |a| or |b| exceeds 5
SAMPLED = 8  # statistics count every eighth row and column: neighbours say the same
Keys = list[int]
Squares = list[np.ndarray | UnreadablePhotoError]
T = TypeVar("T")
R = TypeVar("R")


class Group(NamedTuple):
    """Some photos, converted.

    Attributes:
        examples: Those that are stored, serialised.
        problems: The others.
        keys: Of all of them, of their files' content.
        samples: Codes of some pixels of those that are stored: of L, uint8, and of ab, uint16.
    """

    examples: list[bytes]
    problems: list[Problem]
    keys: list[int]
    samples: list[tuple[np.ndarray, np.ndarray]]


def grouped(photos: Sequence[Photo]) -> Iterator[Sequence[Photo]]:
    """Divide photos into groups of `GROUP`; the last one may be smaller."""
    return (photos[at : at + GROUP] for at in range(0, len(photos), GROUP))


def convert(
    groups: Iterable[Sequence[Photo]], config: Preparation, pool: Executor | None = None
) -> Iterator[Group]:
    """Read photos, make squares of them and look their codes up.

    Args:
        groups: The photos, as `grouped` divides them; taken as they are needed.
        config: Image size and crop.
        pool: Threads that read and decode ahead; none by default.

    Yields:
        What each group becomes. Nothing is raised for a photo that cannot be read: it is named.
    """

    def load(photos: Sequence[Photo]) -> tuple[Sequence[Photo], Keys, Squares]:
        return photos, *load_squares(photos, config)

    for loaded in in_order(pool, load, groups) if pool else map(load, groups):
        yield _group(*loaded)


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


def _group(photos: Sequence[Photo], keys: Keys, squares: Squares) -> Group:
    group = Group([], [], keys, [])
    for photo, found in zip(photos, squares, strict=True):
        if isinstance(found, UnreadablePhotoError):
            group.problems.append(Problem(photo.label, found.kind, str(found)))
        else:
            _store(group, photo, found)
    return group


def _store(group: Group, photo: Photo, rgb: np.ndarray) -> None:
    lightness, chroma = _encoder().encode(rgb)
    if near_grey(chroma):
        group.problems.append(Problem(photo.label, "greyscale", "no colour to learn from"))
        return
    group.examples.append(serialise(photo.label, lightness, chroma))
    image = rgb.shape[:2]
    group.samples.append((_sampled(lightness.reshape(image)), _sampled(chroma.reshape(image))))


def _sampled(codes: np.ndarray) -> np.ndarray:
    return codes[::SAMPLED, ::SAMPLED].ravel()


def load_squares(photos: Sequence[Photo], config: Preparation) -> tuple[Keys, Squares]:
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
    found: Squares = []
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


def near_grey(chroma: np.ndarray) -> bool:
    """Return whether an image is near grey: in no pixel does `|a|` or `|b|` exceed `NEAR_GREY`.

    Args:
        chroma: `(pixels,)` uint16 codes, `a + 256 * b`.
    """
    codes = chroma.view(np.uint8)
    # Almost every photo is decided by a few of its pixels.
    return all(
        some.max() <= 128 + NEAR_GREY and some.min() >= 128 - NEAR_GREY
        for some in (codes[::64], codes)
    )


_OWN = threading.local()


def _encoder() -> Encoder:
    if not hasattr(_OWN, "encoder"):
        _OWN.encoder = Encoder()
    encoder: Encoder = _OWN.encoder
    return encoder


def codes_of(rgb: np.ndarray) -> np.ndarray:
    """Convert a square to codes, as records hold them.

    Args:
        rgb: `(size, size, 3)` uint8 sRGB.

    Returns:
        `(size, size, 3)` uint8 codes of L, a and b.
    """
    lightness, chroma = _encoder().encode(rgb)
    codes = [lightness, *chroma.view(np.uint8).reshape(-1, 2).T]
    return np.stack(codes, axis=-1).reshape(rgb.shape)
