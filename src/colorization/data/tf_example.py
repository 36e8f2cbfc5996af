"""Serialization of one image as a `tf.train.Example`, without copies.

Examples of one size differ in the same places only: a template is serialized once and filled.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf

FILLER = b"\xff"  # no length ends with this byte, so a filled field can be found


def serialize_example(name: str, lightness: np.ndarray, chroma: np.ndarray) -> bytes:
    """Return codes from `LabEncoder.encode` as an example, as Protocol Buffers write it."""
    encoded = name.encode("utf-8", "surrogateescape")
    before, between, after = _layout(len(lightness), len(encoded))
    return b"".join((before, chroma.data, between, lightness.data, after, encoded))


@lru_cache(maxsize=512)
def _layout(pixels: int, letters: int) -> tuple[bytes, bytes, bytes]:
    example = tf.train.Example()
    features: Any = example.features.feature
    for key, length in (("ab", 2 * pixels), ("l", pixels), ("name", letters)):
        features[key].bytes_list.value.append(FILLER * length)
    before, rest = example.SerializeToString(deterministic=True).split(FILLER * 2 * pixels, 1)
    between, rest = rest.split(FILLER * pixels, 1)
    return before, between, rest.removesuffix(FILLER * letters)
