"""Heads before other surroundings: the one augmentation that mixes the images of a batch.

A network that has seen faces in a few rooms and studios takes the face for a sign of what is behind
it. Set before the meadow of another photo, it is none.
"""

from typing import Any

import tensorflow as tf

from colorization.augment.random_keys import Op, with_seed

CENTER = (0.4, 0.6)  # of the ellipse that is kept, as fractions of the height and the width
RADII = (0.2, 0.45)
EDGE = 0.15  # width of the seam, as a share of the radius


def swap_backgrounds(share: float, seed: int) -> Op:
    """Return the op that gives some images of a batch the surroundings of others.

    An ellipse around the middle of the image is kept, L and ab alike; outside of it stands another
    image of the batch; between them is a soft seam.

    Args:
        share: Of the images that are changed, in [0, 1].
        seed: Seed of all draws; the same order of calls gives the same images.

    Returns:
        `op(lab, key=None)` from `(batch, H, W, 3)` float32 Lab to the same. Safe inside
        `Dataset.map`; reproducible there as `augment` is.

    Raises:
        ValueError: If `share` is out of range.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"`share` must be in [0, 1], received {share}")

    def change(lab: Any, key: Any) -> Any:
        keys = tf.random.split(key, 3)
        kept = _ellipses(tf.shape(lab), keys[0])
        chosen = tf.random.stateless_uniform(tf.shape(lab)[:1], keys[1]) < share
        kept = tf.where(chosen[:, None, None, None], kept, 1.0)
        order = tf.random.experimental.stateless_shuffle(tf.range(tf.shape(lab)[0]), keys[2])
        others = tf.gather(lab, order)
        return tf.ensure_shape(kept * lab + (1 - kept) * others, lab.shape)

    return with_seed(change, seed)


def _ellipses(shape: Any, key: Any) -> Any:
    # How much of each pixel is kept: 1 inside, 0 outside, straight down along the seam.
    keys = tf.random.split(key, 4)

    def draw(index: int, bounds: tuple[float, float]) -> Any:
        return tf.random.stateless_uniform((shape[0], 1, 1), keys[index], *bounds)

    rows, columns = (
        (tf.range(tf.cast(side, tf.float32)) + 0.5) / tf.cast(side, tf.float32)
        for side in (shape[1], shape[2])
    )
    down = (rows[None, :, None] - draw(0, CENTER)) / draw(1, RADII)
    across = (columns[None, None, :] - draw(2, CENTER)) / draw(3, RADII)
    distance = tf.sqrt(down**2 + across**2)
    return tf.clip_by_value((1 + EDGE - distance) / EDGE, 0.0, 1.0)[..., None]
