"""Random numbers of augmentations.

A change is a pure function of a tensor and a `(2,)` integer key; an op draws the key by itself.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

Change = Callable[[Any, Any], Any]
Op = Callable[..., Any]


def with_seed(change: Change, seed: int) -> Op:
    """Turn a change into `op(lab, key=None)`, which draws the next key if none is given.

    Safe inside `Dataset.map`; reproducible if the map is sequential or each call has its own key.
    """
    generator = tf.random.Generator.from_seed(seed)

    def op(lab: Any, key: Any = None) -> Any:
        lab = tf.convert_to_tensor(lab)
        if lab.dtype != tf.float32:
            raise TypeError(f"`lab` must be float32, received dtype {lab.dtype.name}")
        if lab.shape.rank != 4 or lab.shape[-1] != 3:
            raise ValueError(f"`lab` must be (batch, H, W, 3), received shape {lab.shape}")
        return change(lab, generator.make_seeds()[:, 0] if key is None else key)

    return op


def uniform_per_image(key: Any, lightness: Any, low: Any, high: Any) -> Any:
    """Draw a number in [low, high) for each image, as `(batch, 1, 1)` float32."""
    return tf.random.stateless_uniform((tf.shape(lightness)[0], 1, 1), key, low, high)
