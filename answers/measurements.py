"""Measurements of trained networks for the answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter

from colorization.evaluation.eval_sets import EvalSet
from colorization.evaluation.image_scores import RESAMPLES
from colorization.evaluation.metrics import colorfulness, saturation, to_rgb8
from colorization.evaluation.predictors import replace_chroma
from colorization.inference.colorize import predict_chroma

SHIFTS = tuple(range(-40, 41, 5))  # % of the width
TEMPERATURES = (1.0, 0.7, 0.5, 0.38, 0.25, 0.15, 0.08)
STRENGTHS = (0.5, 0.75, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0, 2.5)
TOP = 0.25  # side of the upper corners, as a fraction of the photo's

# Here portraits framed like CelebA's show a tie, which at this lightness may be red or blue.
ROWS, COLUMNS, LIGHTNESS = slice(110, 128), slice(56, 68), (25, 35)
EDGE = 70  # the histogram covers [-EDGE, EDGE] in a and in b
SMOOTHING = 3.0  # standard deviation, ab units
PEAK = 12  # ab units around a mode in which no color is denser
COLORED = 15  # chroma below which a color is a gray
TIES = 8  # whose colors are shown


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
        "ab_mse", and the "errors" of the photos; "chroma_ratio" and "colorfulness_ratio", means
        over photos divided by those of the truth; "duller", the number of the "photos" with less
        chroma than the truth; "top" and "truth_top", mean ab of the upper corners.
    """
    pairs = zip(photos.photos, predictions, strict=True)
    errors = [np.mean((photo[..., 1:] - ab) ** 2) for photo, ab in pairs]
    truth = np.array([saturation(photo) for photo in photos.photos])
    chroma = np.array([np.hypot(ab[..., 0], ab[..., 1]).mean() for ab in predictions])
    return {
        "ab_mse": float(np.mean(errors)),
        "errors": [round(float(error), 2) for error in errors],
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


def compare_ties(truth: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """Compare the colors of ties, all of one lightness, with their prediction.

    Args:
        truth: Lab photos `(n, 128, 128, 3)`.
        predicted: Their predicted chroma `(n, 128, 128, 2)`.

    Returns:
        "truth" and "predicted", as `describe_colors`; "modes", the two densest true colors that
        are no grays, `(2, 2)`; and "photos", the mean "truth" and "predicted" of those `TIES`
        colored ties that have the most pixels.

    Raises:
        ValueError: If the ties do not have two colors.
    """
    place = truth[:, ROWS, COLUMNS, 0]
    there = (place >= LIGHTNESS[0]) & (place < LIGHTNESS[1])
    true, guessed = truth[:, ROWS, COLUMNS, 1:], predicted[:, ROWS, COLUMNS]
    modes = colored_modes(true[there])[:2] if there.any() else []
    if len(modes) < 2:
        raise ValueError(
            "`truth` must be portraits framed like CelebA's, with ties of two colors, "
            f"received {there.sum()} pixels of ties and their colors {modes}"
        )
    return {
        "truth": describe_colors(true[there]),
        "predicted": describe_colors(guessed[there]),
        "modes": modes,
        "photos": _largest_ties(there, true, guessed),
    }


def _largest_ties(
    there: np.ndarray, true: np.ndarray, guessed: np.ndarray
) -> list[dict[str, list[float]]]:
    ties = []
    for index in np.argsort(-there.sum(axis=(1, 2)), kind="stable"):
        pixels = there[index]
        if pixels.any() and np.hypot(*true[index][pixels].mean(axis=0)) >= COLORED:
            colors = (("truth", true[index]), ("predicted", guessed[index]))
            ties.append({name: ab[pixels].mean(axis=0).tolist() for name, ab in colors})
    return ties[:TIES]


def color_density(ab: np.ndarray) -> np.ndarray:
    """Return the smoothed histogram of colors `(n, 2)` by a and b, relative to its maximum."""
    edges = np.arange(-EDGE - 0.5, EDGE + 1)
    counts = np.histogram2d(*ab.clip(-EDGE, EDGE).T, bins=[edges, edges])[0]
    density = gaussian_filter(counts, SMOOTHING)
    return density / density.max()


def colored_modes(ab: np.ndarray) -> list[list[int]]:
    """Return the peaks of the density of colors `(n, 2)`, the densest first, without grays."""
    density = color_density(ab)
    peaks = np.argwhere((density == maximum_filter(density, 2 * PEAK + 1)) & (density > 0))
    order = np.argsort([-density[tuple(peak)] for peak in peaks])
    modes = (peaks - EDGE)[order].tolist()
    return [mode for mode in modes if np.hypot(*mode) >= COLORED]


def describe_colors(ab: np.ndarray) -> dict[str, Any]:
    """Describe colors `(n, 2)`.

    Returns:
        "pixels", their number; "mean" ab; "chroma_of_mean" and "mean_chroma"; and "density", as
        `color_density`, `(2 EDGE + 1, 2 EDGE + 1)`.
    """
    mean = ab.mean(axis=0)
    return {
        "pixels": len(ab),
        "mean": mean.tolist(),
        "chroma_of_mean": float(np.hypot(*mean)),
        "mean_chroma": float(np.hypot(ab[:, 0], ab[:, 1]).mean()),
        "density": np.round(color_density(ab), 3).tolist(),
    }
