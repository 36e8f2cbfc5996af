"""From photos to codes: some photos at a time, each stored or named with its problem."""

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar, cast
from zlib import crc32

import numpy as np

from colorization.codes import Encoder, chroma_of, lightness_of
from colorization.config import Preparation
from colorization.jpegs import is_plain, squares_of
from colorization.photos import Problem, UnreadablePhotoError, content_of, square_of
from colorization.records import serialise
from colorization.sources import Photo

GROUP = 32  # photos that are converted at a time
NEAR_GREY = 5  # Zhang et al. give a training image no weight unless some |a| or |b| exceeds 5
SAMPLED = 8  # statistics count every eighth row and column: neighbours say the same
R = TypeVar("R")


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
