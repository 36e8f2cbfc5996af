"""Each augmentation by itself, as an op; `colorization.augment.chain.augment` applies several.

Every `op(lab, key=None)` takes and returns `(batch, H, W, 3)` float32 Lab, L in [0, 100], a and b
in [-128, 127]. Safe inside `Dataset.map`, as `augment` says. For the translation see
`random_translation`, or `Augmentation.translation`.
"""

from typing import Any

from colorization.augment.chain import change
from colorization.augment.keys import Op, seeded
from colorization.augment.settings import Augmentation


def _single(seed: int, **strength: Any) -> Op:
    return seeded(change(Augmentation(**strength)), seed)


def random_flip(flip: float, seed: int) -> Op:
    """Return an op that mirrors each image left and right at random.

    Args:
        flip: Probability, in [0, 1].
        seed: Seed of the draws.

    Returns:
        `op(lab, key=None)`.

    Raises:
        ValueError: If `flip` is out of range.
    """
    return _single(seed, flip=flip)


def random_rotation(rotation: float, seed: int) -> Op:
    """Return an op that turns each image at random around its centre.

    Args:
        rotation: Largest angle in either direction, degrees, in [0, 180].
        seed: Seed of the draws.

    Returns:
        `op(lab, key=None)`. What enters at the edge is mirrored.

    Raises:
        ValueError: If `rotation` is out of range.
    """
    return _single(seed, rotation=rotation)


def random_crop(crop: float, seed: int) -> Op:
    """Return an op that enlarges a random window of each image to the image's size.

    Args:
        crop: Largest share of the side that is cut away, in [0, 0.9].
        seed: Seed of the draws.

    Returns:
        `op(lab, key=None)`.

    Raises:
        ValueError: If `crop` is out of range.
    """
    return _single(seed, crop=crop)


def random_blur(blur: float, seed: int) -> Op:
    """Return an op that blurs the lightness of each image at random.

    Args:
        blur: Largest standard deviation of the Gaussian, pixels, in [0, 8].
        seed: Seed of the draws.

    Returns:
        `op(lab, key=None)`. ab stays as it is.

    Raises:
        ValueError: If `blur` is out of range.
    """
    return _single(seed, blur=blur)


def random_gamma(gamma: float, seed: int) -> Op:
    """Return an op that raises the lightness of each image to a random power.

    Args:
        gamma: The power is between 1 / (1 + gamma) and 1 + gamma; in [0, 4].
        seed: Seed of the draws.

    Returns:
        `op(lab, key=None)`. ab stays as it is.

    Raises:
        ValueError: If `gamma` is out of range.
    """
    return _single(seed, gamma=gamma)


def random_contrast(contrast: float, seed: int) -> Op:
    """Return an op that spreads or narrows the lightness of each image around its mean.

    Args:
        contrast: Largest relative change, in [0, 1].
        seed: Seed of the draws.

    Returns:
        `op(lab, key=None)`. ab stays as it is.

    Raises:
        ValueError: If `contrast` is out of range.
    """
    return _single(seed, contrast=contrast)


def random_lightness(lightness: float, seed: int) -> Op:
    """Return an op that lightens or darkens each image at random.

    Args:
        lightness: Largest shift of L in either direction, in [0, 100].
        seed: Seed of the draws.

    Returns:
        `op(lab, key=None)`. ab stays as it is.

    Raises:
        ValueError: If `lightness` is out of range.
    """
    return _single(seed, lightness=lightness)


def random_grain(grain: float, seed: int) -> Op:
    """Return an op that adds film grain to the lightness of each image.

    Args:
        grain: Largest standard deviation at middle grey, in units of L, in [0, 50].
        seed: Seed of the draws.

    Returns:
        `op(lab, key=None)`. ab stays as it is.

    Raises:
        ValueError: If `grain` is out of range.
    """
    return _single(seed, grain=grain)


def random_fading(fading: float, seed: int) -> Op:
    """Return an op that fades the lightness of each image unevenly towards a light grey.

    Args:
        fading: Largest share of the contrast that is lost, in [0, 1].
        seed: Seed of the draws.

    Returns:
        `op(lab, key=None)`. ab stays as it is.

    Raises:
        ValueError: If `fading` is out of range.
    """
    return _single(seed, fading=fading)


def random_dust(dust: float, seed: int) -> Op:
    """Return an op that lays light and dark specks on the lightness of each image.

    Args:
        dust: Largest share of the pixels that are covered, in [0, 0.1].
        seed: Seed of the draws.

    Returns:
        `op(lab, key=None)`. ab stays as it is.

    Raises:
        ValueError: If `dust` is out of range.
    """
    return _single(seed, dust=dust)


def random_scratches(scratches: int, seed: int) -> Op:
    """Return an op that draws thin scratches on the lightness of each image.

    Args:
        scratches: Most scratches on an image, a whole number in [0, 20].
        seed: Seed of the draws.

    Returns:
        `op(lab, key=None)`. ab stays as it is.

    Raises:
        ValueError: If `scratches` is out of range.
    """
    return _single(seed, scratches=scratches)
