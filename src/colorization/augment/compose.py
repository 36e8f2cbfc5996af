"""From settings to one op: geometry first, then what camera, laboratory and age do to L."""

from dataclasses import asdict
from typing import Any

import tensorflow as tf

from colorization.augment.exposure import blur, contrast, gamma, shift
from colorization.augment.film import dust, fading, grain
from colorization.augment.geometry import random_affine
from colorization.augment.random_keys import Change, Op, with_seed
from colorization.augment.scratches import scratches
from colorization.augment.settings import Augmentation

GEOMETRY = ("flip", "rotation", "crop", "stretch", "translation")

# As it happens to a photo: lens, exposure and development, film, then the years.
LIGHTNESS = {
    "blur": blur,
    "gamma": gamma,
    "contrast": contrast,
    "lightness": shift,
    "grain": grain,
    "fading": fading,
    "dust": dust,
    "scratches": scratches,
}


def augment(settings: Augmentation, seed: int, side: int | None = None) -> Op | None:
    """Return the op that applies all augmentations that are on.

    What one augmentation draws does not depend on which others are on.

    Args:
        settings: Strengths.
        seed: Seed of all draws; the same order of calls gives the same images.
        side: Height and width of the result, pixels, by the same resampling that moves the pixels;
            by default, they stay. Meant for sizes that are not much smaller than the image's.

    Returns:
        None if there is nothing to do. Else `op(lab, key=None)` from `(batch, H, W, 3)` float32
        Lab, L in [0, 100], a and b in [-128, 127], to the same, or to `(batch, side, side, 3)`.
        Safe inside `Dataset.map`; reproducible there when the map is sequential, or in parallel
        when each call is given a key of its own, `(2,)` integer.
    """
    idle = side is None and not any(asdict(settings).values())
    return None if idle else with_seed(change(settings, side), seed)


def change(settings: Augmentation, side: int | None = None) -> Change:
    """Return the function of Lab and a key that applies all augmentations that are on.

    Args:
        settings: Strengths.
        side: Height and width of the result, as in `augment`.

    Returns:
        A pure function of `(batch, H, W, 3)` float32 Lab and a `(2,)` integer key.
    """
    strengths = asdict(settings)
    geometry = {name: strengths[name] for name in GEOMETRY}
    lightness = {name: strengths[name] for name in LIGHTNESS if strengths[name]}

    def changed(lab: Any, key: Any) -> Any:
        if side or any(geometry.values()):
            lab = random_affine(lab, key, **geometry, side=side)
        return _relit(lab, key, lightness) if lightness else lab

    return changed


def _relit(lab: Any, key: Any, strengths: dict[str, float]) -> Any:
    lightness = lab[..., 0]
    for index, (name, apply) in enumerate(LIGHTNESS.items(), start=1):
        if name in strengths:
            lightness = apply(lightness, tf.random.fold_in(key, index), strengths[name])
            lightness = tf.clip_by_value(lightness, 0.0, 100.0)
    return tf.concat([lightness[..., None], lab[..., 1:]], axis=-1)
