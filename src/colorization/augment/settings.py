"""Strengths of the augmentations: plain numbers, without TensorFlow."""

from dataclasses import asdict, dataclass

# Largest sensible value of each strength; the smallest is 0.
LIMITS = {
    "flip": 1.0,
    "rotation": 180.0,
    "crop": 0.9,
    "stretch": 1.0,
    "blur": 8.0,
    "gamma": 4.0,
    "contrast": 1.0,
    "lightness": 100.0,
    "grain": 50.0,
    "fading": 1.0,
}


@dataclass(frozen=True)
class Augmentation:
    """Strengths of the augmentations, in the order in which they are applied; 0 is off.

    Each image draws its own values, up to the strength.

    Attributes:
        flip: Probability of mirroring left and right, in [0, 1].
        rotation: Largest angle in either direction, degrees, in [0, 180].
        crop: Largest share of the side that is cut away, in [0, 0.9]; a window anywhere in the
            image is enlarged to the size of the image.
        stretch: The aspect ratio changes by a factor between 1 / (1 + stretch) and 1 + stretch, in
            [0, 1].
        blur: Largest standard deviation of a Gaussian blur of L, pixels, in [0, 8].
        gamma: L is raised to a power between 1 / (1 + gamma) and 1 + gamma, in [0, 4].
        contrast: Largest relative change of the contrast of L around its mean, in [0, 1].
        lightness: Largest shift of L in either direction, in units of L, in [0, 100].
        grain: Largest standard deviation of film grain at middle gray, in units of L, in [0, 50].
        fading: Largest share of the contrast that has faded away, in [0, 1].
    """

    flip: float = 0.0
    rotation: float = 0.0
    crop: float = 0.0
    stretch: float = 0.0
    blur: float = 0.0
    gamma: float = 0.0
    contrast: float = 0.0
    lightness: float = 0.0
    grain: float = 0.0
    fading: float = 0.0

    def __post_init__(self) -> None:
        for name, strength in asdict(self).items():
            if not 0 <= strength <= LIMITS[name]:
                raise ValueError(f"`{name}` must be in [0, {LIMITS[name]:g}], received {strength}")
