"""The fast way for plain JPEGs: many at a time, decoded and resized inside TensorFlow.

Almost all photos of a training set are plain: three 8-bit channels, sRGB, upright, and little
larger than the square they become. For these TensorFlow takes half of Pillow's time.
"""

from functools import cache

import numpy as np
import tensorflow as tf

GROUP = 32  # JPEGs in one call
LARGER = 2  # a photo larger than this many squares sparkles without antialiasing: not plain
_START_OF_FRAME = {0xC0, 0xC1, 0xC2}
_SCAN = 0xDA
_MEANS_MORE = {0xE1, 0xE2, 0xEE}  # EXIF or XMP, color profile, Adobe's color spaces


def is_plain(data: bytes, size: int) -> bool:
    """Return whether the fast way may take a photo: its header is read, nothing is decoded.

    Args:
        data: Content of the file.
        size: Side of the square that it becomes, pixels.
    """
    if data[:3] != b"\xff\xd8\xff":
        return False
    position = 2
    while position + 9 < len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker in _START_OF_FRAME:
            height = int.from_bytes(data[position + 5 : position + 7], "big")
            width = int.from_bytes(data[position + 7 : position + 9], "big")
            small = 0 < height <= LARGER * size and 0 < width <= LARGER * size
            return small and data[position + 4] == 8 and data[position + 9] == 3
        if marker in _MEANS_MORE or marker == _SCAN:
            return False
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return False


def squares_of(datas: list[bytes], size: int) -> list[np.ndarray | None]:
    """Decode plain JPEGs and resize them as `keras.layers.Resizing` does. Eager only.

    Args:
        datas: Contents of plain files.
        size: Side of the squares, pixels.

    Returns:
        For each a `(size, size, 3)` uint8 sRGB image, or None if TensorFlow cannot decode it.
    """
    together = _function(size, GROUP)
    found: list[np.ndarray | None] = []
    for at in range(0, len(datas), GROUP):
        part = datas[at : at + GROUP]
        filled = part + [_filler()] * (GROUP - len(part))
        try:
            found += list(_array(together(tf.constant(filled)))[: len(part)])
        except tf.errors.InvalidArgumentError:
            # One bad photo fails the call. What becomes of the others must not depend on it.
            found += [_alone(data, size) for data in part]
    return found


def _alone(data: bytes, size: int) -> np.ndarray | None:
    try:
        square: np.ndarray = _array(_function(size, 1)(tf.constant([data])))[0]
    except tf.errors.InvalidArgumentError:
        return None
    return square


def _array(tensor: tf.Tensor) -> np.ndarray:
    # `numpy()` would copy.
    return np.asarray(memoryview(tensor))


@cache
def _filler() -> bytes:
    encoded: bytes = tf.io.encode_jpeg(tf.zeros((1, 1, 3), tf.uint8)).numpy()
    return encoded


@cache
def _function(size: int, count: int) -> tf.types.experimental.ConcreteFunction:
    def square(data: tf.Tensor) -> tf.Tensor:
        resized = tf.image.resize(tf.io.decode_jpeg(data, channels=3), (size, size))
        return tf.cast(tf.round(resized), tf.uint8)

    @tf.function(input_signature=[tf.TensorSpec((count,), tf.string)])
    def squares(datas: tf.Tensor) -> tf.Tensor:
        # Unrolled: each photo is a branch of the graph, and branches run in parallel.
        return tf.stack([square(datas[index]) for index in range(count)])

    # The concrete function: finding it anew in each call takes a quarter of the time.
    return squares.get_concrete_function()
