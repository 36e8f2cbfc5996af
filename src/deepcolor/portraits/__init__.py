"""Draw the sample portraits, so that the demo needs no photos.

Shape, place and lightness tell the colors (foliage is green, denim is blue, skin follows one
line), so that a network can learn them in a few minutes.
"""

import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from colorization.files import atomic_path
from deepcolor.portraits.canvas import Canvas
from deepcolor.portraits.person import draw_person, paint_head, paint_neck
from deepcolor.portraits.scenery import paint_backdrop, paint_clothes

BACKDROPS = {
    "studio": ("sky", "foliage", "curtain"),
    "elsewhere": ("sky", "foliage", "wood"),
}
STYLES = tuple(BACKDROPS)
SAMPLES, SAMPLES_ELSEWHERE = 176, 4  # five batches of 32 in each epoch


def draw_portrait(seed: int, style: str = "studio") -> npt.NDArray[np.uint8]:
    """Draw a portrait; the same seed and style give the same pixels.

    Args:
        seed: At least 0.
        style: "studio", or "elsewhere" for other framings, sizes, backdrops and tints.

    Returns:
        `(218, 178, 3)` uint8 sRGB; for "elsewhere" `(H, W, 3)` with sides in [300, 512].

    Raises:
        ValueError: If `style` is unknown or `seed` negative.
    """
    _check(seed, style)
    rng = np.random.default_rng([seed, STYLES.index(style)])
    canvas = _studio(rng) if style == "studio" else _elsewhere(rng)
    person, light = draw_person(rng), float(rng.choice([-1, 1]))
    paint_backdrop(canvas, rng, BACKDROPS[style])
    paint_neck(canvas, person, light)
    paint_clothes(canvas, rng, light)
    paint_head(canvas, person, light)
    tint = rng.normal(0, 0.01 if style == "studio" else 0.04) * np.array([1, 0.1, -1])
    grain = rng.normal(0, 2.2, canvas.x.shape)[..., None]
    developed = canvas.pixels * (1 + tint) * 255 + grain
    return np.asarray(developed.clip(0, 255), np.uint8)


def write_portraits(folder: Path, count: int, seed: int = 0, style: str = "studio") -> list[Path]:
    """Write portraits as `portrait-00000.jpg` and so on; `seed` is that of the first one.

    Raises:
        ValueError: If `count` is below 1, `style` unknown or `seed` negative.
    """
    if count < 1:
        raise ValueError(f"`count` must be at least 1, received {count}")
    _check(seed, style)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"portrait-{index:05d}.jpg" for index in range(count)]
    for index, path in enumerate(paths):
        _save(draw_portrait(seed + index, style), path)
    return paths


def sample_photos(folder: Path) -> Path:
    """Replace a folder by the portraits that the demo trains on, and return it."""
    shutil.rmtree(folder, ignore_errors=True)
    write_portraits(folder, SAMPLES, seed=0, style="studio")
    return folder


def sample_elsewhere(folder: Path) -> Path:
    """Replace a folder by four drawings in the other style and a photo, and return it.

    The photo is scikit-image's astronaut (NASA, public domain).
    """
    import skimage.data

    shutil.rmtree(folder, ignore_errors=True)
    write_portraits(folder, SAMPLES_ELSEWHERE, seed=1, style="elsewhere")
    _save(skimage.data.astronaut(), folder / "astronaut.jpg")
    return folder


def _check(seed: int, style: str) -> None:
    if style not in STYLES:
        raise ValueError(f"`style` must be one of {', '.join(STYLES)}, received {style!r}")
    if seed < 0:
        raise ValueError(f"`seed` must be at least 0, received {seed}")


def _save(pixels: npt.NDArray[np.uint8], path: Path) -> None:
    with atomic_path(path) as part:
        Image.fromarray(pixels).save(part, "JPEG", quality=92)


def _studio(rng: np.random.Generator) -> Canvas:
    right, down, grow, turn = rng.normal(0, 1, 4).clip(-2, 2)
    return Canvas(178, 218, (89 + 1.5 * right, 107 + 1.5 * down), 55 + 1.2 * grow, 0.02 * turn)


def _elsewhere(rng: np.random.Generator) -> Canvas:
    width, height = rng.choice([(300, 400), (512, 384), (320, 320), (360, 450)])
    center = (width * rng.uniform(0.38, 0.62), height * rng.uniform(0.42, 0.52))
    unit = min(width, height) * rng.uniform(0.18, 0.33)
    return Canvas(width, height, center, unit, rng.uniform(-0.18, 0.18))
