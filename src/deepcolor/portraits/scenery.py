"""Backdrops and clothes: the texture and the lightness of each decide its color."""

import numpy as np

from deepcolor.portraits.canvas import Array, Canvas, rgb


def paint_backdrop(canvas: Canvas, rng: np.random.Generator, names: tuple[str, ...]) -> None:
    """Fill the picture with one of the named keys of `BACKDROPS`."""
    canvas.pixels[:] = BACKDROPS[rng.choice(names)](canvas, rng)


def _mix(weight: Array, first: Array, second: Array) -> Array:
    weight = np.clip(weight, 0, 1)[..., None]
    return np.asarray(first * (1 - weight) + second * weight)


def _sky(canvas: Canvas, rng: np.random.Generator) -> Array:
    horizon = rng.uniform(0.62, 0.8)
    air = _mix(canvas.y / horizon, rgb(104, 162, 222), rgb(206, 228, 242))
    air = _mix(canvas.noise(rng, 9, 2.5) - 0.1, air, rgb(250, 251, 253))
    grass = rgb(92, 138, 66) * (0.85 + 0.25 * canvas.noise(rng, 40))[..., None]
    return _mix((canvas.y - horizon) * 60, air, grass)


def _foliage(canvas: Canvas, rng: np.random.Generator) -> Array:
    leaves = canvas.noise(rng, 28) + 0.6 * canvas.noise(rng, 55)
    return np.asarray(rgb(88, 126, 58) * (0.85 + 0.45 * leaves)[..., None])


def _wood(canvas: Canvas, rng: np.random.Generator) -> Array:
    place = canvas.x * rng.uniform(5, 8)
    tone = 0.95 + 0.1 * np.sin(9 * (place // 1))
    tone += 0.08 * np.sin(90 * canvas.x + 7 * canvas.noise(rng, 4))
    return np.asarray(rgb(158, 108, 68) * np.where(place % 1 < 0.04, 0.45, tone)[..., None])


def _curtain(canvas: Canvas, rng: np.random.Generator) -> Array:
    fold = np.sin(rng.uniform(34, 46) * (canvas.x + 0.03 * np.sin(3 * canvas.y)))
    return np.asarray(rgb(150, 34, 44) * (0.8 + 0.3 * fold - 0.15 * canvas.y)[..., None])


BACKDROPS = {"sky": _sky, "foliage": _foliage, "wood": _wood, "curtain": _curtain}


def paint_clothes(canvas: Canvas, rng: np.random.Generator, light: float) -> None:
    """Paint a suit, a knitted or striped sweater, or a denim shirt, lit from a side of -1 or 1."""
    u, v, across = canvas.u, canvas.v, np.abs(canvas.u)
    body = v - 1.2 - 0.3 * np.clip(across - 0.5, 0, 0.6) - 1.5 * np.clip(across - 1.1, 0, 9)
    name = str(rng.choice(("suit", "knit", "stripes", "denim")))
    depth = {"suit": 2.2, "denim": 1.7}.get(name, 1.4)
    neckline = across - np.clip(depth - v, 0, 9) * 0.55 / (depth - 1.2)
    if name == "suit":
        canvas.paint(np.minimum(body, 0.6 - across), rgb(240, 241, 243))
        tie = np.minimum(0.06 + 0.1 * np.clip(v - 1.4, 0, 1) - across, v - 1.3)
        canvas.paint(tie, rgb(140, 30, 42))
    cloth = np.minimum(body, neckline)
    lit = 0.95 + 0.12 * light * u - 0.05 * across**2
    canvas.paint(cloth, rgb(130, 122, 130), 0.5, 0.12, shade=True)
    canvas.paint(cloth, _cloth(name, u, v) * lit[..., None])


def _cloth(name: str, u: Array, v: Array) -> Array:
    color, weave = {
        "stripes": (rgb(184, 38, 44), 0.0 * u),
        "suit": (rgb(40, 48, 74), 0.1 * (np.sin(44 * u) > 0.95)),
        "knit": (rgb(64, 118, 76), 0.2 * np.sin(50 * v + 4 * np.abs(np.sin(15 * u)))),
        "denim": (rgb(72, 104, 152), 0.13 * np.sin(75 * (u + 1.4 * v))),
    }[name]
    white = (name == "stripes") * np.clip(0.5 + 8 * np.sin(27 * v), 0, 1)
    return _mix(white, color * (1 + weave)[..., None], rgb(238, 228, 218))
