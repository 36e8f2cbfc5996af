"""Measuring models and trivial baselines on the same photos, and choosing what the figures show."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from PIL import Image
from skimage.color import rgb2lab
from tqdm import tqdm

from colorization.bins import prior, rebalancing_weights, smooth_prior
from colorization.inference import coloriser, predict_chroma
from colorization.lab import decode_lab, reconstituer_image, split_lab
from colorization.photos import read_photo
from colorization.records import load_info, parse_batch
from colorization.scores import ImageScores, score_image, summarise
from colorization.statistics import ChromaStatistics

# From lightness (H, W) in [0, 100] to chroma (H, W, 2).
ChromaPredictor = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class PhotoSet:
    """Photos to measure on.

    Attributes:
        what: What they are, for the reader.
        names: Their file names.
        photos: Their Lab images, `(H, W, 3)` float32; sizes may differ.
    """

    what: str
    names: list[str]
    photos: list[np.ndarray]


def validation_set(records: Path, limit: int) -> PhotoSet:
    """Read the validation photos from the records.

    Args:
        records: Folder of records.
        limit: Most photos to take; they are ordered by the hash of their names, so that the first
            ones are a random choice.

    Returns:
        The photos, square.
    """
    info = load_info(records)
    files = [str(records / shard.file) for shard in info.splits["validation"]]
    dataset = tf.data.TFRecordDataset(files).take(limit)
    names = [_name_of(record) for record in dataset.as_numpy_iterator()]
    batches = dataset.batch(256).map(lambda batch: parse_batch(batch, info.image_size))
    codes = (np.concatenate(pair, axis=-1) for pair in batches.unbatch().as_numpy_iterator())
    photos = [decode_lab(image.astype(np.float32)) for image in codes]
    side = info.image_size
    return PhotoSet(f"validation split of the records, {side}x{side}", names, photos)


def _name_of(record: bytes) -> str:
    example = tf.train.Example.FromString(record)
    return str(example.features.feature["name"].bytes_list.value[0].decode("utf-8", "replace"))


def photo_set(paths: Sequence[Path], longest_side: int) -> PhotoSet:
    """Read whole photos, reduced to a stated size with their aspect ratio kept.

    Args:
        paths: The photos.
        longest_side: Longer side of larger photos after reduction, pixels.

    Returns:
        The photos.

    Raises:
        UnreadablePhotoError: If one cannot be read.
    """
    photos = [_reduced_lab(read_photo(path), longest_side) for path in paths]
    what = f"whole photos, longer side at most {longest_side}"
    return PhotoSet(what, [path.name for path in paths], photos)


def _reduced_lab(rgb: np.ndarray, longest_side: int) -> np.ndarray:
    image = Image.fromarray(rgb)
    image.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    return rgb2lab(np.asarray(image)).astype(np.float32)


def predictors(
    models: Mapping[str, keras.Model], statistics: ChromaStatistics
) -> dict[str, ChromaPredictor]:
    """Return the baselines that learn nothing, or next to nothing, and then the models.

    Args:
        models: Models from L to ab, by name.
        statistics: Of the training set.

    Returns:
        For each name a function from lightness to chroma.
    """
    mean, table = statistics.mean_ab(), statistics.lightness_table()

    def constant(colour: Sequence[float] | np.ndarray) -> ChromaPredictor:
        return lambda lightness: np.broadcast_to(
            np.asarray(colour, np.float32), (*lightness.shape, 2)
        )

    def by_lightness(lightness: np.ndarray) -> np.ndarray:
        return table[np.rint(lightness * 2.55).astype(np.intp).clip(0, 255)]

    def by_model(model: keras.Model) -> ChromaPredictor:
        return lambda lightness: predict_chroma(model, lightness)

    baselines: dict[str, ChromaPredictor] = {
        "grey": constant((0, 0)),
        "mean colour": constant(mean),
        "mean colour by lightness": by_lightness,
    }
    return baselines | {name: by_model(model) for name, model in models.items()}


def evaluate(
    colourisers: Mapping[str, ChromaPredictor],
    photos: PhotoSet,
    statistics: ChromaStatistics,
    seed: int,
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Measure every coloriser on every photo of a set.

    Args:
        colourisers: Functions from lightness to chroma, by name.
        photos: The set.
        statistics: Of the training set; its colours weigh the rebalanced AuC.
        seed: Seed of the bootstrap.

    Returns:
        `(summaries, per_image)`: for each name the metrics' means with intervals, and for each
        name the metrics of every photo in the order of the set.
    """
    weights = rebalancing_weights(smooth_prior(prior(statistics.ab_counts)), lam=0)
    summaries, per_image = {}, {}
    for name, predict in colourisers.items():
        scores = list(_scores(name, predict, photos, weights))
        summaries[name] = summarise(scores, seed=seed)
        per_image[name] = [
            {"photo": photo, **score.values}
            for photo, score in zip(photos.names, scores, strict=True)
        ]
    return summaries, per_image


def _scores(
    name: str, predict: ChromaPredictor, photos: PhotoSet, weights: np.ndarray
) -> Iterator[ImageScores]:
    for truth in tqdm(photos.photos, desc=name, unit=" photos", mininterval=1):
        lightness = truth[..., 0]
        predicted = np.concatenate([truth[..., :1], predict(lightness)], axis=-1)
        yield score_image(truth, predicted.astype(np.float32), weights)


def sample(photos: PhotoSet, count: int, seed: int) -> list[int]:
    """Choose photos for a figure at random, in the order of the set.

    Args:
        photos: The set.
        count: How many; all of them if there are fewer.
        seed: Seed of the choice.

    Returns:
        Indices into the set.
    """
    total = len(photos.photos)
    chosen = np.random.default_rng(seed).choice(total, min(count, total), replace=False)
    return sorted(int(index) for index in chosen)


def columns(
    photos: PhotoSet, indices: Sequence[int], model: keras.Model
) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Prepare photos for `figures.triptychs`: original, black and white, and `coloriser`'s result.

    Args:
        photos: The set.
        indices: Which photos.
        model: A model from L to ab.

    Returns:
        Three lists of images: `(H, W, 3)` float32, `(H, W)` uint8 and `(H, W, 3)` uint8.
    """
    originals, greys = [], []
    for index in indices:
        x, y = split_lab(photos.photos[index])
        originals.append(reconstituer_image(x, y))
        grey = reconstituer_image(x, np.zeros_like(y))[..., 0]
        greys.append(np.rint(grey * 255).astype(np.uint8))
    return originals, greys, [coloriser(grey, model) for grey in greys]
