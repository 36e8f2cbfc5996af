"""Random changes of training images: batches `(batch, H, W, 3)` of float32 Lab in and out.

Changes that move pixels move L and ab together; those that imitate exposure and age change L alone.
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
