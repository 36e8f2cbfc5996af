"""Every metric of one prediction, and their summary over many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from skimage.color import deltaE_ciede2000

from colorization.color.ab_bins import NUM_BINS, nearest_bin
from colorization.evaluation.metrics import (
    ab_distance,
    auc,
    cast,
    colorfulness,
    js_divergence,
    psnr,
    saturation,
    ssim,
    to_rgb8,
)

RESAMPLES = 1000


@dataclass(frozen=True)
class ImageScores:
    """The metrics of one prediction.

    Attributes:
        values: Metrics by name.
        truth: Colorfulness (both definitions) and saturation of the truth, by name.
        histogram: `(313,)` pixels of the prediction in each ab bin.
        truth_histogram: `(313,)` pixels of the truth in each ab bin.
    """

    values: dict[str, float]
    truth: dict[str, float]
    histogram: np.ndarray
    truth_histogram: np.ndarray


def score_image(truth: np.ndarray, prediction: np.ndarray, bin_weights: np.ndarray) -> ImageScores:
    """Compute every metric of one image.

    Args:
        truth: `(H, W, 3)` float32 Lab.
        prediction: The same shape, with the truth's lightness.
        bin_weights: `(313,)` weight of each ab bin, for the rebalanced AuC.

    Raises:
        ValueError: If the shapes differ.
    """
    if truth.shape != prediction.shape or truth.shape[-1] != 3:
        raise ValueError(
            "`truth` and `prediction` must both be (H, W, 3), "
            f"received {truth.shape} and {prediction.shape}"
        )
    rgb, rgb_truth = to_rgb8(prediction), to_rgb8(truth)
    bins, truth_bins = nearest_bin(prediction[..., 1:]), nearest_bin(truth[..., 1:])
    distance = ab_distance(truth, prediction)
    difference = deltaE_ciede2000(truth, prediction)
    mse = float((distance**2).mean() / 2)
    values = {
        "ab_mse": mse,
        "ab_rmse": mse**0.5,
        "psnr": psnr(rgb_truth, rgb),
        "ssim": ssim(rgb_truth, rgb),
        "ciede2000": float(difference.mean()),
        "ciede2000_p95": float(np.percentile(difference, 95)),
        "auc": auc(distance),
        "auc_rebalanced": auc(distance, bin_weights[truth_bins]),
        "cast": cast(prediction),
        **_color_strength(prediction, rgb),
    }
    counts = [np.bincount(image.ravel(), minlength=NUM_BINS) for image in (bins, truth_bins)]
    return ImageScores(values, _color_strength(truth, rgb_truth), *counts)


def _color_strength(lab: np.ndarray, rgb: np.ndarray) -> dict[str, float]:
    return {
        "colorfulness": colorfulness(rgb),
        "colorfulness_absolute": colorfulness(rgb, absolute=True),
        "saturation": saturation(lab),
    }


def summarize(scores: Sequence[ImageScores], seed: int) -> dict[str, dict[str, float]]:
    """Average the metrics over images, with 95 % bootstrap intervals over images.

    Besides the mean of every metric it computes, for the whole set, `colorfulness_ratio` and
    `saturation_ratio`, ratios of means; `colorfulness_gap`, the difference of means (the papers'
    delta CF); `colorfulness_error`, the mean difference; and `js_divergence` of the pooled ab
    histograms.

    Returns:
        For each metric its "mean" and the bounds "low" and "high".

    Raises:
        ValueError: If there is no image.
    """
    if not scores:
        raise ValueError("`scores` must hold at least one image, received none")
    random = np.random.default_rng(seed)
    resamples = random.integers(len(scores), size=(RESAMPLES, len(scores)))
    counts = np.stack([np.bincount(row, minlength=len(scores)) for row in resamples])
    # The first row weighs every image once, for the mean itself; the others are resamples.
    weights = np.concatenate([np.ones((1, len(scores))), counts]) / len(scores)
    return {name: _interval(values) for name, values in _aggregates(scores, weights).items()}


def _aggregates(scores: Sequence[ImageScores], weights: np.ndarray) -> dict[str, np.ndarray]:
    values = {name: _column([s.values for s in scores], name) for name in scores[0].values}
    truth = {name: _column([s.truth for s in scores], name) for name in scores[0].truth}
    means = {name: weights @ column for name, column in values.items()}
    true_means = {name: weights @ column for name, column in truth.items()}
    ratios = {f"{name}_ratio": _ratio(means[name], true_means[name]) for name in truth}
    histograms, truths = (
        np.stack(parts).astype(np.float64)
        for parts in zip(*((s.histogram, s.truth_histogram) for s in scores), strict=True)
    )
    whole = {
        "colorfulness_gap": np.abs(means["colorfulness"] - true_means["colorfulness"]),
        "colorfulness_error": weights @ np.abs(values["colorfulness"] - truth["colorfulness"]),
        "js_divergence": js_divergence(weights @ histograms, weights @ truths),
    }
    return means | ratios | whole


def _column(rows: Sequence[Mapping[str, float]], name: str) -> np.ndarray:
    return np.array([row[name] for row in rows], np.float64)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _interval(values: np.ndarray) -> dict[str, float]:
    low, high = np.percentile(values[1:], [2.5, 97.5])
    return {"mean": float(values[0]), "low": float(low), "high": float(high)}
