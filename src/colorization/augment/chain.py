"""From settings to one op: geometry first, then what camera, laboratory and age do to L."""

from dataclasses import asdict
from typing import Any

import tensorflow as tf

from colorization.augment.ageing import dust, fading, grain
from colorization.augment.exposure import blur, contrast, gamma, shift
from colorization.augment.geometry import moved
from colorization.augment.keys import Change, Op, seeded
from colorization.augment.scratches import scratches
from colorization.augment.settings import Augmentation

GEOMETRY = ("flip", "rotation", "crop", "translation")

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


def augment(settings: Augmentation, seed: int) -> Op | None:
    """Return the op that applies all augmentations that are on.

    What one augmentation draws does not depend on which others are on.

    Args:
        settings: Strengths.
        seed: Seed of all draws; the same order of calls gives the same images.

    Returns:
        None if all are off. Else `op(lab, key=None)` from `(batch, H, W, 3)` float32 Lab, L in
        [0, 100], a and b in [-128, 127], to the same. Safe inside `Dataset.map`; reproducible there
        when the map is sequential, or in parallel when each call is given a key of its own, `(2,)`
        integer.
    """
    return seeded(change(settings), seed) if any(asdict(settings).values()) else None


def change(settings: Augmentation) -> Change:
    """Return the function of Lab and a key that applies all augmentations that are on.

    Args:
        settings: Strengths.

    Returns:
        A pure function of `(batch, H, W, 3)` float32 Lab and a `(2,)` integer key.
    """
    strengths = asdict(settings)
    geometry = {name: strengths[name] for name in GEOMETRY}
    lightness = {name: strengths[name] for name in LIGHTNESS if strengths[name]}

    def changed(lab: Any, key: Any) -> Any:
        if any(geometry.values()):
            lab = moved(lab, key, **geometry)
        return _relit(lab, key, lightness) if lightness else lab

    return changed


def _relit(lab: Any, key: Any, strengths: dict[str, float]) -> Any:
    lightness = lab[..., 0]
    for index, (name, apply) in enumerate(LIGHTNESS.items(), start=1):
        if name in strengths:
            lightness = apply(lightness, tf.random.fold_in(key, index), strengths[name])
            lightness = tf.clip_by_value(lightness, 0.0, 100.0)
    return tf.concat([lightness[..., None], lab[..., 1:]], axis=-1)
