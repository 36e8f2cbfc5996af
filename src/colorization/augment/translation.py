"""The assignment's random translation."""

from collections.abc import Callable
from typing import Any

import keras


def random_translation(factor: float, seed: int) -> Callable[[Any], Any]:
    """Return an op that shifts each image of a batch at random, mirroring what enters at the edge.

    L and ab are channels of one tensor, so that both move together (the assignment's
    `RandomTranslation` of ±20 % is `factor=0.2`).

    Args:
        factor: Largest shift in each direction, as a fraction of the side, in [0, 1].
        seed: Seed of the shifts; the same order of calls gives the same shifts.

    Returns:
        A function from `(batch, H, W, 3)` float32 Lab to the same. Safe inside `Dataset.map`,
        reproducible there when the map is sequential.

    Raises:
        ValueError: If `factor` is out of range.
    """
    if not 0 <= factor <= 1:
        raise ValueError(f"`factor` must be in [0, 1], received {factor}")
    layer = keras.layers.RandomTranslation(factor, factor, fill_mode="reflect", seed=seed)

    def translate(lab: Any) -> Any:
        return layer(lab, training=True)

    return translate
