"""Which augmentations are on, and how strong; plain numbers, without TensorFlow."""

from dataclasses import asdict, dataclass

# Of each strength, the largest that makes sense; all begin at 0, which is off.
LIMITS = {
    "flip": 1.0,
    "rotation": 180.0,
    "crop": 0.9,
    "stretch": 1.0,
    "translation": 1.0,
    "blur": 8.0,
    "gamma": 4.0,
    "contrast": 1.0,
    "lightness": 100.0,
    "grain": 50.0,
    "fading": 1.0,
    "dust": 0.1,
    "scratches": 20,
}


@dataclass(frozen=True)
class Augmentation:
    """Strengths of the augmentations, in the order in which they are applied; 0 is off.

    Each image draws its own values, from nothing up to the strength. `dataclasses.asdict` gives a
    JSON object, and `Augmentation(**object)` the settings again.

    Attributes:
        flip: Probability of mirroring left and right, in [0, 1].
        rotation: Largest angle in either direction, degrees, in [0, 180].
        crop: Largest share of the side that is cut away, in [0, 0.9]; the window lies anywhere in
            the image and is enlarged to its size.
        stretch: The aspect ratio changes by a factor between 1 / (1 + stretch) and 1 + stretch, in
            [0, 1].
        translation: Largest shift in each direction, as a fraction of the side, in [0, 1].
        blur: Largest standard deviation of a Gaussian blur of L, pixels, in [0, 8].
        gamma: L is raised to a power between 1 / (1 + gamma) and 1 + gamma, in [0, 4].
        contrast: Largest relative change of the contrast of L around its mean, in [0, 1].
        lightness: Largest shift of L in either direction, in units of L, in [0, 100].
        grain: Largest standard deviation of film grain at middle gray, in units of L, in [0, 50].
        fading: Largest share of the contrast that has faded away, in [0, 1].
        dust: Largest share of the pixels that are covered by specks, in [0, 0.1].
        scratches: Most scratches on an image, a whole number in [0, 20].
    """

    flip: float = 0.0
    rotation: float = 0.0
    crop: float = 0.0
    stretch: float = 0.0
    translation: float = 0.0
    blur: float = 0.0
    gamma: float = 0.0
    contrast: float = 0.0
    lightness: float = 0.0
    grain: float = 0.0
    fading: float = 0.0
    dust: float = 0.0
    scratches: int = 0

    def __post_init__(self) -> None:
        for name, strength in asdict(self).items():
            if not 0 <= strength <= LIMITS[name]:
                raise ValueError(f"`{name}` must be in [0, {LIMITS[name]:g}], received {strength}")
        if self.scratches != int(self.scratches):
            raise ValueError(f"`scratches` must be a whole number, received {self.scratches}")
