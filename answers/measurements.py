"""Measurements of trained networks for the answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from scipy.ndimage import gaussian_filter

from colorization.evaluation.eval_sets import EvalSet
from colorization.evaluation.image_scores import RESAMPLES
from colorization.evaluation.metrics import colorfulness, saturation, to_rgb8
from colorization.evaluation.predictors import replace_chroma
from colorization.inference.colorize import predict_chroma

SHIFTS = tuple(range(-40, 41, 5))  # % of the width
TEMPERATURES = (1.0, 0.7, 0.5, 0.38, 0.25, 0.15, 0.08)
STRENGTHS = (0.5, 0.75, 1.0, 1.15, 1.3, 1.5)
TOP = 0.25  # side of the upper corners, as a fraction of the photo's

# Here the training portraits show blue backdrops, red stripes of flags and brown wood at the same
# lightness.
ROWS, COLUMNS, LIGHTNESS = slice(20, 90), slice(110, 128), (25, 35)
EDGE = 70  # the histogram covers [-EDGE, EDGE] in a and in b
SMOOTHING = 3.0  # standard deviation, ab units


def compare_models(
    rows: Mapping[str, Sequence[Mapping[str, Any]]], before: str, after: str, seed: int = 0
) -> dict[str, float]:
    """Compare the ab MSE of two models photo by photo.

    Args:
        rows: Scores of the photos of one set by model, as in `per-image.json`.
        before: Name of the first model.
        after: Name of the second model.
        seed: Seed of the bootstrap.

    Returns:
        "mean", "low" and "high" of after minus before (95 % bootstrap interval over photos);
        "better", the number of photos whose error is smaller after; "photos", their number.
    """
    errors = [np.array([row["ab_mse"] for row in rows[name]]) for name in (before, after)]
    difference = errors[1] - errors[0]
    random = np.random.default_rng(seed)
    means = difference[random.integers(len(difference), size=(RESAMPLES, len(difference)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    better = int((difference < 0).sum())
    return {
        "mean": float(difference.mean()),
        "low": float(low),
        "high": float(high),
        "better": better,
        "photos": len(difference),
    }


def shift_photos(lab: np.ndarray, per_cent: int) -> np.ndarray:
    """Shift `(n, H, W, 3)` photos to the right by % of the width, with mirrored borders."""
    width = lab.shape[2]
    pixels = round(width * per_cent / 100)
    border = abs(pixels)
    wide = np.pad(lab, ((0, 0), (0, 0), (border, border), (0, 0)), "symmetric")
    return wide[:, :, border - pixels : border - pixels + width]


def shift_errors(models: Mapping[str, keras.Model], lab: np.ndarray) -> dict[str, list[float]]:
    """Measure the ab MSE of models from L to ab on photos shifted by each of `SHIFTS`."""
    errors: dict[str, list[float]] = {name: [] for name in models}
    for per_cent in SHIFTS:
        shifted = shift_photos(lab, per_cent)
        for name, model in models.items():
            error = model.predict(shifted[..., :1], verbose=0) - shifted[..., 1:]
            errors[name].append(float(np.mean(error**2)))
    return errors


def predict_all(
    model: keras.Model, photos: EvalSet, temperature: float | None = None
) -> list[np.ndarray]:
    """Predict the chroma `(H, W, 2)` of every photo, without test-time augmentation."""
    return [predict_chroma(model, photo[..., 0], temperature, fast=True) for photo in photos.photos]


def compare_colors(photos: EvalSet, predictions: Sequence[np.ndarray]) -> dict[str, Any]:
    """Measure how colorful predictions are compared to the truth.

    Returns:
        "ab_mse"; "chroma_ratio" and "colorfulness_ratio", means over photos divided by those of
        the truth; "duller", the number of the "photos" with less chroma than the truth; "top" and
        "truth_top", mean ab of the upper corners.
    """
    pairs = zip(photos.photos, predictions, strict=True)
    errors = [np.mean((photo[..., 1:] - ab) ** 2) for photo, ab in pairs]
    truth = np.array([saturation(photo) for photo in photos.photos])
    chroma = np.array([np.hypot(ab[..., 0], ab[..., 1]).mean() for ab in predictions])
    return {
        "ab_mse": float(np.mean(errors)),
        "chroma_ratio": float(chroma.mean() / truth.mean()),
        "colorfulness_ratio": _colorfulness_ratio(photos, predictions),
        "duller": int((chroma < truth).sum()),
        "photos": len(truth),
        "top": np.mean([_corners(ab) for ab in predictions], axis=0).tolist(),
        "truth_top": np.mean([_corners(photo[..., 1:]) for photo in photos.photos], 0).tolist(),
    }


def _colorfulness_ratio(photos: EvalSet, predictions: Sequence[np.ndarray]) -> float:
    joined = [replace_chroma(p, ab) for p, ab in zip(photos.photos, predictions, strict=True)]
    predicted, true = (
        sum(colorfulness(to_rgb8(lab)) for lab in labs) for labs in (joined, photos.photos)
    )
    return predicted / true


def _corners(ab: np.ndarray) -> np.ndarray:
    height, width = (max(1, int(side * TOP)) for side in ab.shape[:2])
    top = ab[:height]
    return (top[:, :width].mean((0, 1)) + top[:, -width:].mean((0, 1))) / 2


def measure_regression(network: keras.Model, photos: EvalSet) -> list[dict[str, Any]]:
    """Return the `compare_colors` of a network's regression times each of `STRENGTHS`."""
    regression = predict_all(network, photos)
    scaled = {s: [np.clip(ab * s, -128, 128) for ab in regression] for s in STRENGTHS}
    return [{"setting": s, **compare_colors(photos, ab)} for s, ab in scaled.items()]


def measure_classes(network: keras.Model, photos: EvalSet) -> list[dict[str, Any]]:
    """Return the `compare_colors` of a network's classes at each of `TEMPERATURES`."""
    classes = {t: predict_all(network, photos, t) for t in TEMPERATURES}
    return [{"setting": t, **compare_colors(photos, ab)} for t, ab in classes.items()]


def context(lightness: np.ndarray, chroma: np.ndarray) -> dict[str, Any]:
    """Describe the colors at one place of the portraits, at one lightness.

    Returns:
        "pixels", their number; "mean" ab; "chroma_of_mean" and "mean_chroma"; "density" by a and b,
        smoothed, relative to its maximum, `(2 EDGE + 1, 2 EDGE + 1)`; and "density_at_mean".
    """
    low, high = LIGHTNESS
    place = lightness[:, ROWS, COLUMNS]
    ab = chroma[:, ROWS, COLUMNS][(place >= low) & (place < high)]
    edges = np.arange(-EDGE - 0.5, EDGE + 1)
    counts = np.histogram2d(ab[:, 0], ab[:, 1], bins=[edges, edges])[0]
    density = gaussian_filter(counts, SMOOTHING)
    density /= density.max()
    mean = ab.mean(axis=0)
    a, b = np.rint(mean).astype(int) + EDGE
    return {
        "pixels": len(ab),
        "mean": mean.tolist(),
        "chroma_of_mean": float(np.hypot(*mean)),
        "mean_chroma": float(np.hypot(ab[:, 0], ab[:, 1]).mean()),
        "density_at_mean": float(density[a, b]),
        "density": np.round(density, 3).tolist(),
    }
