"""Draw sample portraits, so that the demo needs nothing but this repository.

They are drawings, not photos: people who never existed, in the framing of CelebA's aligned faces.
What is drawn decides the color (skin follows one locus, foliage is green, denim blue, ...), with a
little randomness, so that a network has something to learn from lightness alone.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from deepcolor.portraits.backgrounds import paint_background
from deepcolor.portraits.canvas import Array, Canvas, Frame
from deepcolor.portraits.clothes import paint_clothes
from deepcolor.portraits.head import paint_head, paint_neck
from deepcolor.portraits.subject import draw_sitter

STYLES = ("studio", "elsewhere")

_WIDTH, _HEIGHT = 178, 218
_SIZES_ELSEWHERE = ((300, 400), (512, 384), (320, 320), (360, 450))
_BACKGROUNDS = {
    "studio": ("sky", "foliage", "wood", "curtain", "wall", "backdrop"),
    "elsewhere": ("sunset", "bricks", "night", "sea", "foliage", "wall"),
}
_JPEG_QUALITY = 92


def draw_portrait(seed: int, style: str = "studio") -> npt.NDArray[np.uint8]:
    """Draw one portrait; the same seed and style give the same pixels.

    Args:
        seed: non-negative.
        style: one of `STYLES`. "elsewhere" stands for portraits found on the internet: other
            framings, sizes, backgrounds and lights than a network trained on "studio" has seen.

    Returns:
        `(218, 178, 3)` uint8, sRGB; for "elsewhere" `(H, W, 3)`, both sides in [300, 512].

    Raises:
        ValueError: if `style` is unknown or `seed` negative.
    """
    _check(seed, style)
    rng = np.random.default_rng([seed, STYLES.index(style)])
    canvas = Canvas(_studio_frame(rng) if style == "studio" else _frame_elsewhere(rng))
    sitter, light = draw_sitter(rng), _light(rng)
    paint_background(canvas, rng, _BACKGROUNDS[style])
    paint_neck(canvas, sitter, light)
    paint_clothes(canvas, rng, sitter.feminine, light)
    paint_head(canvas, sitter, light)
    return _develop(canvas, rng, light, cast=0.01 if style == "studio" else 0.045)


def write_portraits(folder: Path, count: int, seed: int = 0, style: str = "studio") -> list[Path]:
    """Write portraits as JPEG files, named portrait-00000.jpg and so on.

    Args:
        folder: where to; made if it is not there.
        count: how many, at least 1.
        seed: of the first portrait; the next ones count up.
        style: as in `draw_portrait`.

    Returns:
        The files, in order.

    Raises:
        ValueError: if `count` is below 1, `style` is unknown or `seed` negative.
    """
    if count < 1:
        raise ValueError(f"`count` must be at least 1, received {count}")
    _check(seed, style)
    portraits = (draw_portrait(seed + index, style) for index in range(count))
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _write(folder / f"portrait-{index:05d}.jpg", pixels)
        for index, pixels in enumerate(portraits)
    ]


def _check(seed: int, style: str) -> None:
    if style not in STYLES:
        raise ValueError(f"`style` must be one of {', '.join(STYLES)}, received {style!r}")
    if seed < 0:
        raise ValueError(f"`seed` must be at least 0, received {seed}")


def _write(path: Path, pixels: npt.NDArray[np.uint8]) -> Path:
    unfinished = path.with_suffix(".part")
    Image.fromarray(pixels).save(unfinished, "JPEG", quality=_JPEG_QUALITY)
    return unfinished.replace(path)


def _studio_frame(rng: np.random.Generator) -> Frame:
    right, down, grow, turn = rng.normal(0, 1, 4).clip(-2, 2)
    center = (_WIDTH / 2 + 1.5 * right, 107 + 1.5 * down)
    return Frame(_WIDTH, _HEIGHT, center, 55 + 1.2 * grow, 0.02 * turn)


def _frame_elsewhere(rng: np.random.Generator) -> Frame:
    width, height = _SIZES_ELSEWHERE[rng.integers(len(_SIZES_ELSEWHERE))]
    unit = min(width, height) * rng.uniform(0.18, 0.33)
    center = (width * rng.uniform(0.38, 0.62), height * rng.uniform(0.42, 0.52))
    return Frame(width, height, center, unit, rng.uniform(-0.18, 0.18))


def _light(rng: np.random.Generator) -> Array:
    toward = np.array([rng.choice([-1, 1]) * rng.uniform(0.35, 0.75), -0.35, 0.7])
    return np.asarray(toward / np.linalg.norm(toward))


def _develop(
    canvas: Canvas, rng: np.random.Generator, light: Array, cast: float
) -> npt.NDArray[np.uint8]:
    side = np.clip(0.5 + 0.25 * (canvas.u * light[0] + canvas.v * light[1]), 0, 1)
    corners = np.hypot(canvas.u, canvas.v * 0.8)
    exposure = 0.94 + 0.14 * side - 0.018 * np.minimum(corners, 3) ** 2
    warmth = 1 + rng.normal(0, cast) * np.array([1, 0.1, -1])
    exposed = canvas.pixels * exposure[..., None] * warmth * 255
    image = Image.fromarray(exposed.clip(0, 255).astype(np.uint8))
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(canvas.frame.unit / 90)), np.float32)
    grain = rng.standard_normal(soft.shape[:2], np.float32) * 2.2
    return (soft + grain[..., None]).clip(0, 255).astype(np.uint8)
