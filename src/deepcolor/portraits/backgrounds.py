"""Backgrounds, each with a lightness and a texture of its own, and a color to match."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from deepcolor.portraits.canvas import Array, Canvas, rgb

Background = Callable[[Canvas, np.random.Generator], Array]


def paint_background(canvas: Canvas, rng: np.random.Generator, names: tuple[str, ...]) -> None:
    """Fill the whole canvas with one background.

    Args:
        canvas: where to paint.
        rng: where the choice and its details come from.
        names: the backgrounds to choose from, keys of `BACKGROUNDS`.
    """
    canvas.pixels[:] = BACKGROUNDS[str(rng.choice(names))](canvas, rng)


def _between(weight: Array, first: Array, second: Array) -> Array:
    weight = np.clip(weight, 0, 1)[..., None]
    return first * (1 - weight) + second * weight


def _sky(canvas: Canvas, rng: np.random.Generator) -> Array:
    horizon = rng.uniform(0.62, 0.8)
    air = _between(canvas.y / horizon, rgb(104, 162, 222), rgb(206, 228, 242))
    clouds = np.clip(0.9 * canvas.noise(rng, 9, 2.5) + 0.4 * canvas.noise(rng, 24, 2) - 0.15, 0, 1)
    air = _between(clouds, air, rgb(250, 251, 253))
    hill = horizon + 0.04 * np.sin(canvas.x * rng.uniform(4, 8) + rng.uniform(0, 6))
    grass = 0.85 + 0.12 * canvas.noise(rng, 60) + 0.2 * canvas.noise(rng, 16)
    ground = rgb(92, 138, 66) * grass[..., None]
    return _between((canvas.y - hill) * 60, air, ground)


def _foliage(canvas: Canvas, rng: np.random.Generator) -> Array:
    height, width = canvas.y.shape
    image = Image.new("RGB", (width, height), (50, 76, 40))
    draw = ImageDraw.Draw(image)
    spots = rng.random((260, 4))
    for x, y, size, tone in spots[np.argsort(spots[:, 3])].tolist():
        radius = height * (0.012 + 0.036 * size)
        left, top = x * width - radius, y * height - radius
        green = tuple(int(c * (0.45 + 0.55 * tone**3)) for c in (126, 172, 78))
        draw.ellipse((left, top, left + 2 * radius, top + 1.6 * radius), green)
    blurred = image.filter(ImageFilter.GaussianBlur(height * 0.007))
    return np.asarray(blurred, np.float32) / 255


def _wood(canvas: Canvas, rng: np.random.Generator) -> Array:
    planks = rng.uniform(5, 8)
    place = canvas.x * planks + rng.random()
    tones = rng.uniform(0.82, 1.1, 40)[place.astype(int)]
    grain = np.sin(70 * canvas.x + 7 * canvas.noise(rng, 4) + 9 * tones)
    knots = 0.07 * grain + 0.05 * np.sin(230 * canvas.x + 6 * canvas.noise(rng, 3))
    gap = np.abs(place % 1 - 0.5) > 0.485
    return np.asarray(rgb(158, 108, 68) * ((tones + knots) * np.where(gap, 0.45, 1))[..., None])


def _curtain(canvas: Canvas, rng: np.random.Generator) -> Array:
    sway = canvas.x + 0.03 * np.sin(2.5 * canvas.y + rng.uniform(0, 6))
    fold = np.sin(rng.uniform(34, 46) * sway + 1.2 * np.sin(9 * sway))
    shade = 0.78 + 0.26 * fold + 0.12 * np.clip(fold, 0, 1) ** 4 - 0.15 * canvas.y
    return np.asarray(rgb(146, 34, 44) * shade[..., None])


def _wall(canvas: Canvas, rng: np.random.Generator) -> Array:
    lamp = np.hypot(canvas.x - rng.uniform(0, 0.8), canvas.y - 0.15)
    plaster = 0.012 * canvas.noise(rng, 70) + 0.02 * canvas.noise(rng, 9)
    return np.asarray(rgb(226, 206, 176) * (1.06 - 0.32 * lamp + plaster)[..., None])


def _backdrop(canvas: Canvas, rng: np.random.Generator) -> Array:
    glow = np.exp(-(((canvas.u - rng.uniform(-0.6, 0.6)) / 1.5) ** 2) - (canvas.v / 1.6) ** 2)
    mottle = 0.09 * canvas.noise(rng, 7) + 0.05 * canvas.noise(rng, 20)
    return np.asarray(rgb(112, 122, 138) * (0.55 + 0.75 * glow + mottle)[..., None])


def _sunset(canvas: Canvas, rng: np.random.Generator) -> Array:
    horizon = rng.uniform(0.6, 0.75)
    fire = _between(canvas.y / horizon, rgb(122, 96, 140), rgb(252, 178, 96))
    hills = horizon + 0.05 * np.sin(canvas.x * 9 + rng.uniform(0, 6)) * np.sin(canvas.x * 4)
    return _between((canvas.y - hills) * 80, fire, rgb(58, 44, 52))


def _bricks(canvas: Canvas, rng: np.random.Generator) -> Array:
    course = np.floor(canvas.y * 20).astype(int)
    along = canvas.x * 8 + 0.5 * (course % 2)
    tones = rng.uniform(0.78, 1.12, (20, 20))[course % 20, along.astype(int) % 20]
    mortar = (np.abs(canvas.y * 20 % 1 - 0.5) > 0.43) | (np.abs(along % 1 - 0.5) > 0.47)
    bricks = rgb(166, 88, 66) * (tones + 0.06 * canvas.noise(rng, 90))[..., None]
    return np.where(mortar[..., None], rgb(190, 182, 172), bricks)


def _night(canvas: Canvas, rng: np.random.Generator) -> Array:
    height, width = canvas.y.shape
    lights = Image.new("RGB", (width, height), (24, 28, 48))
    draw = ImageDraw.Draw(lights)
    for x, y, size, hue in rng.random((40, 4)).tolist():
        radius, lamp = (
            height * (0.02 + 0.035 * size),
            (236, 178, 92) if hue < 0.8 else (120, 160, 220),
        )
        left, top = x * width - radius, (0.1 + 0.8 * y) * height - radius
        draw.ellipse((left, top, left + 2 * radius, top + 2 * radius), lamp)
    dark = np.asarray(lights.filter(ImageFilter.GaussianBlur(height * 0.006)), np.float32) / 255
    return np.asarray(dark * 0.8)


def _sea(canvas: Canvas, rng: np.random.Generator) -> Array:
    horizon = rng.uniform(0.4, 0.55)
    air = _between(canvas.y / horizon, rgb(150, 192, 228), rgb(226, 236, 240))
    waves = 0.95 + 0.07 * canvas.noise(rng, 60, 5) + 0.06 * canvas.noise(rng, 20, 4)
    water = rgb(48, 112, 138) * waves[..., None]
    return _between((canvas.y - horizon) * 200, air, water)


BACKGROUNDS: dict[str, Background] = {
    "sky": _sky,
    "foliage": _foliage,
    "wood": _wood,
    "curtain": _curtain,
    "wall": _wall,
    "backdrop": _backdrop,
    "sunset": _sunset,
    "bricks": _bricks,
    "night": _night,
    "sea": _sea,
}
