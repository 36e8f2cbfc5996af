"""Color, records, models, training and evaluation: everything that ships to the Kaggle kernels.

The two functions that the assignment names are importable from here; TensorFlow is imported only
when one of them is first asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from colorization.color.lab import reconstituer_image as reconstituer_image
    from colorization.inference.colorize import coloriser as coloriser

__all__ = ["coloriser", "reconstituer_image"]


def __getattr__(name: str) -> Any:
    if name == "coloriser":
        from colorization.inference.colorize import coloriser

        return coloriser
    if name == "reconstituer_image":
        from colorization.color.lab import reconstituer_image

        return reconstituer_image
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
