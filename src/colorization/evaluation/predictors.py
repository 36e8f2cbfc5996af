"""Predictions of models and trivial baselines, and their scores on the same photos."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import keras
import numpy as np
from tqdm import tqdm

from colorization.color.ab_bins import bin_prior, rebalancing_weights, smooth_prior
from colorization.color.lab import reconstituer_image, split_lab
from colorization.config import VIVID
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.evaluation.eval_sets import EvalSet
from colorization.evaluation.image_scores import ImageScores, score_image
from colorization.evaluation.metrics import plain_segments
from colorization.inference.colorize import coloriser, predict_chroma
from colorization.models import Heads
from colorization.models.colorizer import colorizer

# From lightness (H, W) in [0, 100] to chroma (H, W, 2).
ChromaPredictor = Callable[[np.ndarray], np.ndarray]
BASELINES = ("gray", "mean color", "mean color by lightness")


def chroma_predictors(
    models: Mapping[str, keras.Model],
    statistics: ChromaStatistics,
    with_tta: Collection[str] = (),
) -> dict[str, ChromaPredictor]:
    """Return the baselines, which learn nothing but mean colors, and then the models from L to ab.

    Models are measured without test-time augmentation, and those in `with_tta` with it as well, as
    "<name>, quality".
    """
    mean, table = statistics.mean_ab(), statistics.lightness_table()

    def constant(color: Sequence[float] | np.ndarray) -> ChromaPredictor:
        return lambda lightness: np.broadcast_to(
            np.asarray(color, np.float32), (*lightness.shape, 2)
        )

    def by_lightness(lightness: np.ndarray) -> np.ndarray:
        return table[np.rint(lightness * 2.55).astype(np.intp).clip(0, 255)]

    def by_model(model: keras.Model, fast: bool) -> ChromaPredictor:
        return lambda lightness: predict_chroma(model, lightness, fast=fast)

    baselines = dict(zip(BASELINES, (constant((0, 0)), constant(mean), by_lightness), strict=True))
    learned: dict[str, ChromaPredictor] = {}
    for name, model in models.items():
        learned[name] = by_model(model, fast=True)
        if name in with_tta:
            learned[f"{name}, quality"] = by_model(model, fast=False)
    return baselines | learned


def ab_models(networks: Mapping[str, keras.Model]) -> dict[str, keras.Model]:
    """Turn networks, by name, into models from L to ab, as people would use them.

    A network with both heads gives two: "<name>", accurate, and "<name>, vivid".
    """
    models: dict[str, keras.Model] = {}
    for name, network in networks.items():
        heads = Heads.of(network)
        models[name] = colorizer(network)
        if heads.has_regression and heads.has_classes:
            models[f"{name}, vivid"] = colorizer(network, strength=VIVID)
    return models


def score_photos(
    colorizers: Mapping[str, ChromaPredictor], photos: EvalSet, statistics: ChromaStatistics
) -> dict[str, list[ImageScores]]:
    """Score every predictor on every photo; the training set's colors rebalance the AuC."""
    weights = rebalancing_weights(smooth_prior(bin_prior(statistics.ab_counts)), lam=0)
    segments = [plain_segments(photo) for photo in photos.photos]

    def scores(name: str, predict: ChromaPredictor) -> Iterator[ImageScores]:
        shown = tqdm(photos.photos, desc=name, unit=" photos", mininterval=1)
        for truth, plain in zip(shown, segments, strict=True):
            colored = replace_chroma(truth, predict(truth[..., 0]))
            yield score_image(truth, colored, weights, plain)

    return {name: list(scores(name, predict)) for name, predict in colorizers.items()}


def replace_chroma(photo: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Join the lightness of a Lab photo `(H, W, 3)` with ab `(H, W, 2)`, as float32 Lab."""
    return np.concatenate([photo[..., :1], chroma], axis=-1).astype(np.float32)


def triptych_columns(
    photos: EvalSet, indices: Sequence[int], model: keras.Model
) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Prepare photos of a set for `plot_triptychs`, colorized by a model from L to ab.

    Returns originals `(H, W, 3)` float32, grays `(H, W)` uint8 and results `(H, W, 3)` uint8.
    """
    originals, grays = [], []
    for index in indices:
        x, y = split_lab(photos.photos[index])
        originals.append(reconstituer_image(x, y))
        gray = reconstituer_image(x, np.zeros_like(y))[..., 0]
        grays.append(np.rint(gray * 255).astype(np.uint8))
    return originals, grays, [coloriser(gray, model) for gray in grays]
