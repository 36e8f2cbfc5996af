"""Compose the augmentations of given settings: geometry, film, changes of lightness."""

from dataclasses import asdict
from typing import Any

import tensorflow as tf

from colorization.augment.emulsion import emulsion
from colorization.augment.film import blur, contrast, fading, gamma, grain, halftone, shift
from colorization.augment.geometry import random_affine
from colorization.augment.random_keys import Change, Op, with_seed
from colorization.augment.settings import Augmentation

GEOMETRY = ("flip", "rotation", "crop", "stretch")

# In the order in which they happen to a photo: lens, exposure, development, film, age, press.
LIGHTNESS = {
    "blur": blur,
    "gamma": gamma,
    "contrast": contrast,
    "lightness": shift,
    "grain": grain,
    "fading": fading,
    "halftone": halftone,
}

EMULSION = 100  # of its key, apart from those of the changes above


def augment(settings: Augmentation, seed: int, side: int | None = None) -> Op | None:
    """Return the op that applies all augmentations that are on, or None if there is none.

    The values that one augmentation draws do not depend on which others are on.

    Args:
        settings: Strengths.
        seed: Seed of all draws; the same order of calls gives the same images.
        side: Height and width of the result, pixels; by default, those of the image. There is no
            antialiasing: `side` should not be much smaller than the image.

    Returns:
        `op(lab, key=None)` as `with_seed` makes it.
    """
    idle = side is None and not any(asdict(settings).values())
    return None if idle else with_seed(change(settings, side), seed)


def change(settings: Augmentation, side: int | None = None) -> Change:
    """Return `augment`'s op as a pure function of Lab and a `(2,)` integer key."""
    strengths = asdict(settings)
    geometry = {name: strengths[name] for name in GEOMETRY}
    lightness = {name: strengths[name] for name in LIGHTNESS if strengths[name]}

    def changed(lab: Any, key: Any) -> Any:
        if side or any(geometry.values()):
            lab = random_affine(lab, key, **geometry, side=side)
        if settings.emulsion:
            lab = emulsion(lab, tf.random.fold_in(key, EMULSION), settings.emulsion)
        return _change_lightness(lab, key, lightness) if lightness else lab

    return changed


def _change_lightness(lab: Any, key: Any, strengths: dict[str, float]) -> Any:
    lightness = lab[..., 0]
    for index, (name, apply) in enumerate(LIGHTNESS.items(), start=1):
        if name in strengths:
            lightness = apply(lightness, tf.random.fold_in(key, index), strengths[name])
            lightness = tf.clip_by_value(lightness, 0.0, 100.0)
    return tf.concat([lightness[..., None], lab[..., 1:]], axis=-1)
