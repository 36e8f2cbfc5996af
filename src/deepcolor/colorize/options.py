"""How photos are colorized: the settings of the command."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ColorizeOptions:
    """Settings of `deepcolor colorize`.

    Attributes:
        model: A `.keras` file, or None for the default model.
        strength: Factor on the chroma.
        temperature: Of the annealed mean; None for the regression.
        quality: Whether to average over the mirrored photo and two sizes; None for photos only,
            where it removes clouds of color, and not for films, whose frames are too many.
        side_by_side: Whether to show the black-and-white photo beside the result.
        force: Whether to overwrite, and to colorize what already was.
    """

    model: Path | None = None
    strength: float = 1.0
    temperature: float | None = None
    quality: bool | None = None
    side_by_side: bool = False
    force: bool = False
