"""Every metric of one prediction, and their summary over many."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from skimage.color import deltaE_ciede2000

from colorization.color.ab_bins import NUM_BINS, nearest_bin
from colorization.evaluation.metrics import (
    ab_distance,
    auc,
    blotches,
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
    """The metrics of one prediction."""

    values: dict[str, float]
    truth: dict[str, float]  # colorfulness, saturation and blotches of the truth
    histogram: np.ndarray  # `(313,)` pixels of the prediction in each ab bin
    truth_histogram: np.ndarray  # the same of the truth


@dataclass(frozen=True)
class Comparison:
    """A prediction beside the truth, in the forms that metrics need; each is computed once."""

    truth: np.ndarray  # `(H, W, 3)` float32 Lab
    prediction: np.ndarray  # the same shape, with the truth's lightness
    bin_weights: np.ndarray  # `(313,)` weight of each ab bin, for the rebalanced AuC
    segments: np.ndarray  # `(H, W)` as `plain_segments` of the truth

    def __post_init__(self) -> None:
        if self.truth.shape != self.prediction.shape or self.truth.shape[-1] != 3:
            raise ValueError(
                "`truth` and `prediction` must both be (H, W, 3), "
                f"received {self.truth.shape} and {self.prediction.shape}"
            )

    @cached_property
    def rgb(self) -> np.ndarray:
        """The prediction, `(H, W, 3)` uint8 sRGB."""
        return to_rgb8(self.prediction)

    @cached_property
    def rgb_truth(self) -> np.ndarray:
        """The truth, `(H, W, 3)` uint8 sRGB."""
        return to_rgb8(self.truth)

    @cached_property
    def truth_bins(self) -> np.ndarray:
        """The ab bin of each pixel of the truth, `(H, W)`."""
        return nearest_bin(self.truth[..., 1:])

    @cached_property
    def distance(self) -> np.ndarray:
        """The distance in the ab plane, `(H, W)`."""
        return ab_distance(self.truth, self.prediction)

    @cached_property
    def ciede2000(self) -> np.ndarray:
        """The CIEDE2000 difference, `(H, W)`."""
        return deltaE_ciede2000(self.truth, self.prediction)


COLOR_STRENGTH: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {  # of Lab and 8-bit RGB
    "colorfulness": lambda lab, rgb: colorfulness(rgb),
    "colorfulness_absolute": lambda lab, rgb: colorfulness(rgb, absolute=True),
    "saturation": lambda lab, rgb: saturation(lab),
}
IMAGE_METRICS: dict[str, Callable[[Comparison], float]] = {
    "ab_mse": lambda c: (c.distance**2).mean() / 2,  # the assignment's loss
    "ab_rmse": lambda c: ((c.distance**2).mean() / 2) ** 0.5,
    "psnr": lambda c: psnr(c.rgb_truth, c.rgb),
    "ssim": lambda c: ssim(c.rgb_truth, c.rgb),
    "ciede2000": lambda c: c.ciede2000.mean(),
    "ciede2000_p95": lambda c: np.percentile(c.ciede2000, 95),
    "auc": lambda c: auc(c.distance),
    "auc_rebalanced": lambda c: auc(c.distance, c.bin_weights[c.truth_bins]),
    "cast": lambda c: cast(c.prediction),
    "blotches": lambda c: blotches(c.segments, c.prediction),
}


def score_image(
    truth: np.ndarray, prediction: np.ndarray, bin_weights: np.ndarray, segments: np.ndarray
) -> ImageScores:
    """Compute every metric of one image; the arguments are those of `Comparison`."""
    both = Comparison(truth, prediction, bin_weights, segments)
    values = {name: float(metric(both)) for name, metric in IMAGE_METRICS.items()}
    strength, true_strength = (
        {name: metric(lab, rgb) for name, metric in COLOR_STRENGTH.items()}
        for lab, rgb in ((prediction, both.rgb), (truth, both.rgb_truth))
    )
    bins = (nearest_bin(prediction[..., 1:]), both.truth_bins)
    counts = [np.bincount(image.ravel(), minlength=NUM_BINS) for image in bins]
    of_truth = true_strength | {"blotches": blotches(segments, truth)}
    return ImageScores(values | strength, of_truth, *counts)


def summarize(scores: Sequence[ImageScores], seed: int) -> dict[str, dict[str, float]]:
    """Average the metrics over images: "mean" and 95 % bootstrap bounds "low" and "high" of each.

    Of the whole set it adds `colorfulness_ratio`, `saturation_ratio` and `blotches_ratio`, ratios
    of means; `colorfulness_gap`, the difference of means (the papers' delta CF);
    `colorfulness_error`, the mean difference; and `js_divergence` of the pooled ab histograms.
    """
    if not scores:
        raise ValueError("`scores` must hold at least one image, received none")
    weights = _bootstrap_weights(len(scores), seed)
    return {name: _interval(values) for name, values in _aggregates(scores, weights).items()}


def paired_difference(
    scores: Sequence[ImageScores], others: Sequence[ImageScores], seed: int
) -> dict[str, float]:
    """Return the difference of the ab MSE from another model's on the same images, in order.

    It is the mean of `scores` minus `others`, with "low" and "high" as in `summarize`, and the
    share of the images on which it is negative, "better".
    """
    if not scores or len(scores) != len(others):
        raise ValueError(
            "`scores` and `others` must be of the same images, at least one, "
            f"received {len(scores)} and {len(others)}"
        )
    mine, theirs = (_column([s.values for s in side], "ab_mse") for side in (scores, others))
    difference = mine - theirs
    return {**bootstrap_interval(difference, seed), "better": float((difference < 0).mean())}


def bootstrap_interval(values: np.ndarray, seed: int) -> dict[str, float]:
    """Return "mean", and the 95 % bootstrap bounds "low" and "high", of a value for each image."""
    return _interval(_bootstrap_weights(len(values), seed) @ values)


def _bootstrap_weights(images: int, seed: int) -> np.ndarray:
    resamples = np.random.default_rng(seed).integers(images, size=(RESAMPLES, images))
    counts = np.stack([np.bincount(row, minlength=images) for row in resamples])
    # The first row weighs every image once, for the mean itself; the others are resamples.
    return np.concatenate([np.ones((1, images)), counts]) / images


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
