"""What the answers know: measured files, and what can be computed while they are written."""

import json
import re
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull
from skimage.color import rgb2lab

THIN, MINUS = "\u202f", "\u2212"
FALSE = "\ufffe"  # stands behind a sentence that does not hold


class FalseClaimError(Exception):
    """A sentence that the measurements do not bear out."""


def load(folder: Path) -> dict[str, Any]:
    """Read every JSON file of a folder, and compute the rest.

    Args:
        folder: `answers/results`.

    Returns:
        By the names of the files; keys inside them are made into identifiers ("mean color"
        becomes `mean_color`). "gamut" is computed; "network" has the auto-encoder's number of
        "parameters", from its summary.
    """
    files = sorted(folder.glob("*.json"))
    found = {file.stem: _named(json.loads(file.read_text("utf-8"))) for file in files}
    summary = (folder / "summary.txt").read_text("utf-8")
    (parameters,) = re.findall(r"Total params: ([\d,]+)", summary)
    network = {"parameters": int(parameters.replace(",", ""))}
    return {**found, "gamut": gamut(), "network": network}


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {re.sub(r"\W+", "_", key): _named(item) for key, item in value.items()}
    return [_named(item) for item in value] if isinstance(value, list) else value


@cache
def cube_surface() -> np.ndarray:
    """Return Lab of the 8-bit colors on the six faces of the sRGB cube, `(n, 3)`.

    The extremes of a and b lie there: inside the cube neither has a stationary point.
    """
    levels = np.arange(0, 256) / 255
    faces = []
    for axis, end in product(range(3), (0.0, 1.0)):
        plane = np.stack(np.meshgrid(levels, levels), axis=-1).reshape(-1, 2)
        faces.append(np.insert(plane, axis, end, axis=1))
    lab: np.ndarray = rgb2lab(np.concatenate(faces)[None])[0]
    return lab


def gamut() -> dict[str, float]:
    """Return the ranges of a and b over sRGB, and how they lie in 128 tanh.

    Returns:
        "a_low", "a_high", "b_low", "b_high"; "largest" modulus; "preimage", where tanh reaches it,
        and "slope" of tanh there; "share" of [-128, 128]² inside the convex hull.
    """
    ab = cube_surface()[:, 1:]
    (a_low, b_low), (a_high, b_high) = ab.min(axis=0), ab.max(axis=0)
    largest = float(np.abs(ab).max())
    return {
        "a_low": float(a_low),
        "a_high": float(a_high),
        "b_low": float(b_low),
        "b_high": float(b_high),
        "largest": largest,
        "preimage": float(np.arctanh(largest / 128)),
        "slope": 1 - (largest / 128) ** 2,
        "share": float(ConvexHull(ab).volume / 256**2),
    }


def french(value: float, digits: int = 0) -> str:
    """Write a number in French: decimal comma, thin spaces between thousands, a real minus."""
    return f"{value:,.{digits}f}".replace(",", THIN).replace(".", ",").replace("-", MINUS)


def interval(value: dict[str, float], digits: int = 0) -> str:
    """Write a mean with its 95 % interval."""
    mean, low, high = (french(value[key], digits) for key in ("mean", "low", "high"))
    return f"{mean} [{low} ; {high}]".replace(" ;", f"{THIN};").replace("; ", f";{THIN}")


def claim(holds: bool) -> str:
    """Mark a sentence that does not hold, so that the build fails and `unproven` can name it."""
    return "" if holds else FALSE


def unproven(text: str) -> list[str]:
    """List the ends of the sentences that the measurements do not bear out."""
    return [piece[-200:] for line in text.splitlines() for piece in line.split(FALSE)[:-1]]
