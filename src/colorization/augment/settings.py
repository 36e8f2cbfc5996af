"""Strengths of the augmentations: plain numbers, without TensorFlow."""

from dataclasses import dataclass, field, fields


def _strength(limit: float) -> float:
    strength: float = field(default=0.0, metadata={"limit": limit})
    return strength


@dataclass(frozen=True)
class Augmentation:
    """Strengths, in the order in which they are applied, from 0 (off) to the largest sensible one.

    Each image draws its own values, up to the strength; a probability is drawn against.
    """

    flip: float = _strength(1)  # probability of mirroring left and right
    rotation: float = _strength(180)  # largest angle in either direction, degrees
    crop: float = _strength(0.9)  # share of the side cut away; the rest is enlarged
    stretch: float = _strength(1)  # the aspect ratio changes by a factor of up to 1 + stretch
    emulsion: float = _strength(1)  # probability of L as seen by a film of before about 1930
    blur: float = _strength(8)  # standard deviation of a Gaussian blur of L, pixels
    gamma: float = _strength(4)  # L is raised to a power of up to 1 + gamma, or its inverse
    contrast: float = _strength(1)  # relative change of the contrast of L around its mean
    lightness: float = _strength(100)  # shift of L in either direction
    grain: float = _strength(50)  # standard deviation of film grain at middle gray, units of L
    fading: float = _strength(1)  # share of the contrast that has faded away
    halftone: float = _strength(1)  # probability of the dots of a printed picture

    def __post_init__(self) -> None:
        for item in fields(self):
            strength, limit = getattr(self, item.name), item.metadata["limit"]
            if not 0 <= strength <= limit:
                raise ValueError(f"`{item.name}` must be in [0, {limit:g}], received {strength}")
