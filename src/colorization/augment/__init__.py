"""Random changes of training images: of L and ab alike, or of L alone.

All ops take and return batches `(batch, H, W, 3)` of float32 Lab, L in [0, 100], a and b in
[-128, 127], and draw other values for each image. Ops that move pixels move L and ab together. Ops
that imitate exposure and age change L alone: the network has to find the colors of the scene,
whatever the state of the photo.

They use TensorFlow rather than `keras.ops`, because `Dataset.map` is TensorFlow's whatever the
backend. The settings can be imported without TensorFlow, which is loaded with the first op.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from colorization.augment.settings import Augmentation

if TYPE_CHECKING:
    from colorization.augment.compose import augment as augment
    from colorization.augment.geometry import random_translation as random_translation

__all__ = ["Augmentation", "augment", "random_translation"]

_MODULES = {"augment": "compose", "random_translation": "geometry"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
