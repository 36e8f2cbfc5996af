"""Measuring models and trivial baselines on the same photos."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import keras
import numpy as np
from tqdm import tqdm

from colorization.color.ab_bins import bin_prior, rebalancing_weights, smooth_prior
from colorization.color.lab import reconstituer_image, split_lab
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.evaluation.eval_sets import EvalSet
from colorization.evaluation.image_scores import ImageScores, score_image
from colorization.inference.colorize import coloriser, predict_chroma
from colorization.models.colorizer import VIVID, colorizer

# From lightness (H, W) in [0, 100] to chroma (H, W, 2).
ChromaPredictor = Callable[[np.ndarray], np.ndarray]


def chroma_predictors(
    models: Mapping[str, keras.Model],
    statistics: ChromaStatistics,
    careful: Collection[str] = (),
) -> dict[str, ChromaPredictor]:
    """Return the baselines that learn nothing, or next to nothing, and then the models.

    Args:
        models: Models from L to ab, by name.
        statistics: Of the training set.
        careful: Names of models that are measured with `coloriser`'s `quality`, too, as
            "<name>, quality".

    Returns:
        For each name a function from lightness to chroma.
    """
    mean, table = statistics.mean_ab(), statistics.lightness_table()

    def constant(color: Sequence[float] | np.ndarray) -> ChromaPredictor:
        return lambda lightness: np.broadcast_to(
            np.asarray(color, np.float32), (*lightness.shape, 2)
        )

    def by_lightness(lightness: np.ndarray) -> np.ndarray:
        return table[np.rint(lightness * 2.55).astype(np.intp).clip(0, 255)]

    def by_model(model: keras.Model, quality: bool = False) -> ChromaPredictor:
        return lambda lightness: predict_chroma(model, lightness, quality=quality)

    baselines: dict[str, ChromaPredictor] = {
        "gray": constant((0, 0)),
        "mean color": constant(mean),
        "mean color by lightness": by_lightness,
    }
    learned: dict[str, ChromaPredictor] = {}
    for name, model in models.items():
        learned[name] = by_model(model)
        if name in careful:
            learned[f"{name}, quality"] = by_model(model, quality=True)
    return baselines | learned


def ab_models(networks: Mapping[str, keras.Model]) -> dict[str, keras.Model]:
    """Turn networks into the models from L to ab that people would use.

    Args:
        networks: As built or as loaded, by name.

    Returns:
        The networks themselves where they answer with ab, decoded where they answer with classes.
        One with both heads gives two: "<name>", accurate, and "<name>, vivid".
    """
    found: dict[str, keras.Model] = {}
    for name, network in networks.items():
        if len(network.outputs) > 1:
            found[name] = colorizer(network, None)
            found[f"{name}, vivid"] = colorizer(network, **VIVID)
        elif network.outputs[0].shape[-1] == 2:
            found[name] = network
        else:
            found[name] = colorizer(network)
    return found


def score_photos(
    colorizers: Mapping[str, ChromaPredictor], photos: EvalSet, statistics: ChromaStatistics
) -> dict[str, list[ImageScores]]:
    """Measure every coloriser on every photo of a set.

    Args:
        colorizers: Functions from lightness to chroma, by name.
        photos: The set.
        statistics: Of the training set; its colors weigh the rebalanced AuC.

    Returns:
        For each name the scores of every photo, in the order of the set.
    """
    weights = rebalancing_weights(smooth_prior(bin_prior(statistics.ab_counts)), lam=0)
    return {
        name: list(_scores(name, predict, photos, weights)) for name, predict in colorizers.items()
    }


def _scores(
    name: str, predict: ChromaPredictor, photos: EvalSet, weights: np.ndarray
) -> Iterator[ImageScores]:
    for truth in tqdm(photos.photos, desc=name, unit=" photos", mininterval=1):
        yield score_image(truth, replace_chroma(truth, predict(truth[..., 0])), weights)


def replace_chroma(photo: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Join a photo's lightness with other colors.

    Args:
        photo: `(H, W, 3)` Lab.
        chroma: `(H, W, 2)` ab.

    Returns:
        `(H, W, 3)` float32 Lab.
    """
    return np.concatenate([photo[..., :1], chroma], axis=-1).astype(np.float32)


def triptych_columns(
    photos: EvalSet, indices: Sequence[int], model: keras.Model
) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Prepare photos for `figures.triptychs`: original, black and white, and `coloriser`'s result.

    Args:
        photos: The set.
        indices: Which photos.
        model: A model from L to ab.

    Returns:
        Three lists of images: `(H, W, 3)` float32, `(H, W)` uint8 and `(H, W, 3)` uint8.
    """
    originals, grays = [], []
    for index in indices:
        x, y = split_lab(photos.photos[index])
        originals.append(reconstituer_image(x, y))
        gray = reconstituer_image(x, np.zeros_like(y))[..., 0]
        grays.append(np.rint(gray * 255).astype(np.uint8))
    return originals, grays, [coloriser(gray, model) for gray in grays]
