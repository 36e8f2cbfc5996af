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

from colorization.evaluation.image_scores import bootstrap_interval

THIN, MINUS = "\u202f", "\u2212"
FALSE = "\ufffe"  # follows a sentence that does not hold


class FalseClaimError(Exception):
    """A sentence that the measurements contradict."""


def load(folder: Path) -> dict[str, Any]:
    """Read the JSON files of `answers/results`, and compute the rest.

    Returns:
        The content of each file by its name, with identifiers as keys ("mean color" becomes
        `mean_color`); "gamut", as `gamut` returns it; "network", the auto-encoder's number of
        "parameters"; "at_true_saturation", as `compare_at_true_saturation` returns it.
    """
    files = sorted(folder.glob("*.json"))
    results = {file.stem: _with_identifiers(json.loads(file.read_text("utf-8"))) for file in files}
    summary = (folder / "summary.txt").read_text("utf-8")
    (parameters,) = re.findall(r"Total params: ([\d,]+)", summary)
    network = {"parameters": int(parameters.replace(",", ""))}
    vivid = compare_at_true_saturation(results["experiments"]["settings"])
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


def compare_at_true_saturation(
    settings: Mapping[str, Sequence[Mapping[str, Any]]],
) -> dict[str, Any] | None:
    """Compare the heads, each at the setting where it is as saturated as the truth.

    Returns:
        The ab MSE of the "regression" and of the "classes", and their "difference", with its paired
        95 % interval; None if a head has no such setting.
    """
    errors = {head: _errors_at_true_saturation(rows) for head, rows in settings.items()}
    regression, classes = errors["regression"], errors["classes"]
    if regression is None or classes is None:
        return None
    means = {"regression": float(regression.mean()), "classes": float(classes.mean())}
    return {**means, "difference": bootstrap_interval(classes - regression, seed=0)}


def _errors_at_true_saturation(settings: Sequence[Mapping[str, Any]]) -> np.ndarray | None:
    rows = sorted(settings, key=lambda row: row["chroma_ratio"])
    ratios = [row["chroma_ratio"] for row in rows]
    if not ratios[0] <= 1 <= ratios[-1]:
        return None
    photos = zip(*(row["errors"] for row in rows), strict=True)
    return np.array([np.interp(1, ratios, errors) for errors in photos])


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
