"""Random changes of training images: of L and ab alike, or of L alone.

Every op takes and returns batches `(batch, H, W, 3)` of float32 Lab, L in [0, 100], a and b in
[-128, 127], and draws other values for each image. Ops that move pixels move L and ab together.
Ops that imitate exposure and age change L and leave ab as it is, bit for bit, because the color
to be found is that of the scene.

They are TensorFlow's ops, not those of `keras.ops`: `Dataset.map` is TensorFlow's whatever the
backend, and `keras.ops` of the JAX backend do not run there.

The settings are importable without TensorFlow, which is loaded when an op is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from colorization.augment.settings import Augmentation

if TYPE_CHECKING:
    from colorization.augment.background_swap import swap_backgrounds as swap_backgrounds
    from colorization.augment.compose import augment as augment
    from colorization.augment.translation import random_translation as random_translation

__all__ = [
    "Augmentation",
    "augment",
    "collage",
    "random_translation",
]

_MODULES = {
    "augment": "compose",
    "swap_backgrounds": "background_swap",
    "random_translation": "translation",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
