"""The photos that models are evaluated on, and which of them a figure shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image
from skimage.color import rgb2lab

from colorization.color.lab import decode_lab
from colorization.data.image_io import read_photo
from colorization.data.tfrecords import load_info, parse_batch, report_damage

# The middle of a face, in shares of height and width: below the hair, above the mouth, between the
# ears.
FACE_ROWS, FACE_COLUMNS = (0.40, 0.70), (0.30, 0.70)
TONES = ("dark skin", "medium skin", "light skin")


@dataclass(frozen=True)
class EvalSet:
    """Photos to evaluate on."""

    what: str  # description for the reader
    names: list[str]  # of the files
    photos: list[np.ndarray]  # Lab, `(H, W, 3)` float32; sizes may differ
    groups: Mapping[str, Sequence[int]] = field(default_factory=dict)  # indices of photos


def group_by_skin_tone(photos: EvalSet) -> EvalSet:
    """Group faces that fill the image by `TONES`, in groups of one size; fewer if they are few."""
    order = np.argsort([typology_angle(photo) for photo in photos.photos], kind="stable")
    thirds = np.array_split(order, len(TONES))
    named = zip(TONES, thirds, strict=True)
    groups = {tone: sorted(map(int, third)) for tone, third in named if len(third)}
    return EvalSet(photos.what, photos.names, photos.photos, groups)


def typology_angle(face: np.ndarray) -> float:
    """Return the individual typology angle of a face, degrees (Chardon et al. 1991).

    It is arctan((L - 50) / b) of the median color in the middle of the Lab image `(H, W, 3)`, which
    the face must fill, as in CelebA; above about 55 is very light skin, below -30 dark.
    """
    (top, bottom), (left, right) = (
        [round(share * length) for share in shares]
        for shares, length in zip((FACE_ROWS, FACE_COLUMNS), face.shape, strict=False)
    )
    lightness, _, b = np.median(face[top:bottom, left:right], axis=(0, 1))
    return float(np.degrees(np.arctan2(lightness - 50, b)))


def load_validation(records: Path, limit: int) -> EvalSet:
    """Read at most `limit` validation photos; records are in the order of a hash, so at random."""
    return load_split(records, "validation", limit)


def load_split(records: Path, split: str, limit: int = -1) -> EvalSet:
    """Read the photos of a split, "train" or "validation"; a limit of -1 means all."""
    info = load_info(records)
    files = [str(records / shard.file) for shard in info.splits[split]]
    dataset = tf.data.TFRecordDataset(files).take(limit)
    batches = dataset.batch(256).map(lambda batch: parse_batch(batch, info.image_size))
    with report_damage(records):
        names = [_name_of(record) for record in dataset]
        codes = (np.concatenate(pair, axis=-1) for pair in batches.unbatch().as_numpy_iterator())
        photos = [decode_lab(image.astype(np.float32)) for image in codes]
    side = info.image_size
    return EvalSet(f"{split} split of the records, {side}x{side}", names, photos)


def _name_of(record: tf.Tensor) -> str:
    name = tf.io.FixedLenFeature([], tf.string)
    feature = tf.io.parse_single_example(record, {"name": name})["name"]
    return str(feature.numpy().decode("utf-8", "replace"))


def load_photos(paths: Sequence[Path], longest_side: int) -> EvalSet:
    """Read whole photos, reduced to a longer side of at most `longest_side` pixels."""
    photos = [_reduced_lab(read_photo(path), longest_side) for path in paths]
    what = f"whole photos, longer side at most {longest_side}"
    return EvalSet(what, [path.name for path in paths], photos)


def _reduced_lab(rgb: np.ndarray, longest_side: int) -> np.ndarray:
    image = Image.fromarray(rgb)
    image.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    return rgb2lab(np.asarray(image)).astype(np.float32)


def sample_indices(photos: EvalSet, count: int, seed: int) -> list[int]:
    """Choose `count` photos at random, or all if there are fewer; sorted indices into the set."""
    total = len(photos.photos)
    chosen = np.random.default_rng(seed).choice(total, min(count, total), replace=False)
    return sorted(int(index) for index in chosen)


def best_median_worst(errors: Sequence[float], count: int) -> dict[str, list[int]]:
    """Choose at most `count` photos of each kind by their errors, and no photo twice.

    Returns:
        Indices from better to worse, of "best", "median" and "worst".
    """
    order = [int(index) for index in np.argsort(errors, kind="stable")]
    count = min(count, max(1, len(order) // 3))
    best, rest = order[:count], order[count:]
    split = max(0, len(rest) - count)
    rest, worst = rest[:split], rest[split:]
    middle = max(0, (len(rest) - count) // 2)
    return {"best": best, "median": rest[middle : middle + count], "worst": worst}
