"""Metrics that need a network pretrained on ImageNet, whose weight files the user provides.

The files are `keras.applications`': `inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5` and
`vgg16_weights_tf_dim_ordering_tf_kernels.h5`.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from PIL import Image

from colorization.evaluation.metrics import to_rgb8

VGG_LAYERS = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3")
BATCH = 16

# From photos (count, H, W, 3) uint8 to features.
Extractor = Callable[[np.ndarray], Any]


def inception_features(weights: Path | None) -> Extractor:
    """Extract InceptionV3's pooled features `(count, 2048)`; `weights` without top, or random."""
    network = keras.applications.InceptionV3(
        include_top=False,
        weights=weights and str(weights),
        pooling="avg",
        input_shape=(299, 299, 3),
    )
    prepare = keras.applications.inception_v3.preprocess_input
    return lambda photos: network.predict_on_batch(prepare(photos.astype(np.float32)))


def vgg_features(weights: Path | None) -> Extractor:
    """Extract VGG16's scores and the features of five layers; `weights` with top, or random."""
    network = keras.applications.VGG16(weights=weights and str(weights))
    layers = [network.get_layer(name).output for name in VGG_LAYERS]
    several = keras.Model(network.input, [network.output, *layers])
    prepare = keras.applications.vgg16.preprocess_input
    return lambda photos: several.predict_on_batch(prepare(photos.astype(np.float32)))


def perceive(
    truths: Sequence[np.ndarray],
    predictions: Mapping[str, Sequence[np.ndarray]],
    inception: Extractor | None = None,
    vgg: Extractor | None = None,
) -> dict[str, dict[str, float]]:
    """Compute the perceptual metrics of every model, with the extractors that are given.

    `truths` are Lab photos `(H, W, 3)`, `predictions` those of each model in the same order.
    "fid" is biased for small sets: compare models on one set, never sets. "vgg_agreement" is the
    per cent of photos that VGG16 classifies the same, "vgg_distance" the sum over five layers of
    `feature_distance`: LPIPS without its learnt weights (Zhang et al. 2018).
    """
    metrics: dict[str, dict[str, float]] = {name: {} for name in predictions}
    if inception:
        true = _features(truths, 299, inception)
        for name, photos in predictions.items():
            metrics[name]["fid"] = frechet_distance(true, _features(photos, 299, inception))
    if vgg:
        for name, photos in predictions.items():
            metrics[name] |= _vgg_metrics(truths, photos, vgg)
    return metrics


def _square(photos: Sequence[np.ndarray], side: int) -> np.ndarray:
    images = (Image.fromarray(to_rgb8(photo)) for photo in photos)
    return np.stack([np.asarray(i.resize((side, side), Image.Resampling.BICUBIC)) for i in images])


def _features(photos: Sequence[np.ndarray], side: int, extract: Extractor) -> np.ndarray:
    parts = [photos[at : at + BATCH] for at in range(0, len(photos), BATCH)]
    return np.concatenate([extract(_square(part, side)) for part in parts])


def _vgg_metrics(
    truths: Sequence[np.ndarray], photos: Sequence[np.ndarray], extract: Extractor
) -> dict[str, float]:
    same: list[bool] = []
    distances: list[float] = []
    for at in range(0, len(truths), BATCH):
        batches = (part[at : at + BATCH] for part in (truths, photos))
        (scores, *true), (others, *colored) = (extract(_square(b, 224)) for b in batches)
        same.extend(np.argmax(scores, axis=-1) == np.argmax(others, axis=-1))
        distances.extend(np.sum(list(map(feature_distance, true, colored)), axis=0))
    return {
        "vgg_agreement": 100 * float(np.mean(same)),
        "vgg_distance": float(np.mean(distances)),
    }


def feature_distance(first: Any, second: Any) -> np.ndarray:
    """Return the mean squared distance `(batch,)` of feature maps of unit length in depth."""
    units = [ops.normalize(ops.cast(maps, "float32"), axis=-1, order=2) for maps in (first, second)]
    squared = ops.sum(ops.square(units[0] - units[1]), axis=-1)
    distance: np.ndarray = ops.convert_to_numpy(ops.mean(squared, axis=(1, 2)))
    return distance


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the squared Fréchet distance of features `(count, features)` (Heusel et al. 2017).

    It is that of the Gaussians that fit the features of at least two photos each.
    """
    if min(len(first), len(second)) < 2:
        raise ValueError(
            f"both sets must hold at least two photos, received {len(first)} and {len(second)}"
        )
    means = [features.mean(axis=0, dtype=np.float64) for features in (first, second)]
    a, b = (np.atleast_2d(np.cov(features, rowvar=False)) for features in (first, second))
    # a b has the eigenvalues of the symmetric root(a) b root(a), real even if a is singular.
    values, vectors = np.linalg.eigh(a)
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    overlap = np.sqrt(np.linalg.eigvalsh(root @ b @ root).clip(0)).sum()
    return float(((means[0] - means[1]) ** 2).sum() + np.trace(a) + np.trace(b) - 2 * overlap)
