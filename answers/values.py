"""The values of the placeholders in answers.md: measurements, and what follows from them."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull
from skimage.color import rgb2lab

THIN, MINUS = "\u202f", "\u2212"
FALSE = "\ufffe"  # follows a sentence that does not hold


class FalseClaimError(Exception):
    """A sentence that the measurements contradict."""


def load(folder: Path) -> dict[str, Any]:
    """Read the JSON files of `answers/results`, and compute the rest.

    Returns:
        The content of each file by its name, with identifiers as keys ("mean color" becomes
        `mean_color`); "gamut", as `gamut` returns it; "network", the auto-encoder's number of
        "parameters"; "at_true_saturation", the ab MSE of both heads there.
    """
    files = sorted(folder.glob("*.json"))
    results = {file.stem: _with_identifiers(json.loads(file.read_text("utf-8"))) for file in files}
    summary = (folder / "summary.txt").read_text("utf-8")
    (parameters,) = re.findall(r"Total params: ([\d,]+)", summary)
    network = {"parameters": int(parameters.replace(",", ""))}
    heads = results["experiments"]["settings"]
    vivid = {head: error_at_true_saturation(settings) for head, settings in heads.items()}
    return {**results, "gamut": gamut(), "network": network, "at_true_saturation": vivid}


def _with_identifiers(value: Any) -> Any:
    if isinstance(value, dict):
        return {re.sub(r"\W+", "_", key): _with_identifiers(item) for key, item in value.items()}
    return [_with_identifiers(item) for item in value] if isinstance(value, list) else value


@cache
def cube_surface() -> np.ndarray:
    """Return the 8-bit colors on the six faces of the sRGB cube as `(n, 3)` Lab.

    They include the extremes of a and b, which have no stationary point inside the cube.
    """
    levels = np.arange(0, 256) / 255
    faces = []
    for axis, end in product(range(3), (0.0, 1.0)):
        plane = np.stack(np.meshgrid(levels, levels), axis=-1).reshape(-1, 2)
        faces.append(np.insert(plane, axis, end, axis=1))
    lab: np.ndarray = rgb2lab(np.concatenate(faces)[None])[0]
    return lab


def gamut() -> dict[str, float]:
    """Return the ranges of a and b over sRGB, and how they relate to 128 tanh z.

    Returns:
        "a_low", "a_high", "b_low", "b_high"; their "largest" modulus; the "preimage" z of that and
        the "slope" of tanh there; the "share" of [-128, 128]² that their convex hull fills.
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


def error_at_true_saturation(settings: Sequence[Mapping[str, float]]) -> float | None:
    """Return the ab MSE where a head is as saturated as the truth; None if no setting is."""
    points = sorted((row["chroma_ratio"], row["ab_mse"]) for row in settings)
    if not points[0][0] <= 1 <= points[-1][0]:
        return None
    return float(np.interp(1, *zip(*points, strict=True)))


def french(value: float, digits: int = 0) -> str:
    """Format a number in French: decimal comma, thin spaces between thousands, a minus sign."""
    return f"{value:,.{digits}f}".replace(",", THIN).replace(".", ",").replace("-", MINUS)


def interval(value: dict[str, float], digits: int = 0) -> str:
    """Format a mean and its 95 % interval in French."""
    mean, low, high = (french(value[key], digits) for key in ("mean", "low", "high"))
    return f"{mean} [{low} ; {high}]".replace(" ;", f"{THIN};").replace("; ", f";{THIN}")


def claim(holds: bool) -> str:
    """Mark the sentence before it if a condition is false; `false_claims` finds the mark."""
    return "" if holds else FALSE


def false_claims(text: str) -> list[str]:
    """List the ends of the marked sentences."""
    return [piece[-200:] for line in text.splitlines() for piece in line.split(FALSE)[:-1]]
