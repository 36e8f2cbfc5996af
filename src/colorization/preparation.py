"""From photos to records: the assignment's *Préparation du jeu de données*."""

import os
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from colorization.config import Preparation
from colorization.lab import encode_lab, rgb_to_lab
from colorization.photos import UnreadablePhotoError, read_photo
from colorization.records import Info, Shard, save_info, shard_name, write_shard
from colorization.statistics import ChromaStatistics

STATISTICS = "statistics.npz"
BATCH = 64
NEAR_GREY = 5  # Zhang et al. give a training image no weight unless some |a| or |b| exceeds 5


def rgb_dataset(photos: list[Path]) -> tf.data.Dataset:
    """Read photos as `keras.utils.image_dataset_from_directory` would, without dying of a bad one.

    Args:
        photos: Paths of the photos.

    Returns:
        Dataset of `(rgb, problem)`: `(H, W, 3)` uint8 sRGB, and an empty string or the reason why
        the photo could not be read (its `rgb` is then one black pixel).
    """

    def read(path: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        rgb, problem = tf.numpy_function(_read_or_explain, [path], [tf.uint8, tf.string])
        return tf.ensure_shape(rgb, (None, None, 3)), tf.ensure_shape(problem, ())

    paths = tf.data.Dataset.from_tensor_slices([os.fsencode(path) for path in photos])
    return paths.map(read, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)


def _read_or_explain(path: bytes) -> tuple[np.ndarray, bytes]:
    try:
        return read_photo(Path(os.fsdecode(path))), b""
    except UnreadablePhotoError as error:
        return np.zeros((1, 1, 3), np.uint8), str(error).encode()


def lab_dataset(photos: list[Path], image_size: int) -> tf.data.Dataset:
    """Read photos, resize them to a square and convert them to CIELab.

    The aspect ratio is not kept, as with the assignment's `keras.layers.Resizing`.

    Args:
        photos: Paths of the photos.
        image_size: Side of the square, pixels.

    Returns:
        Dataset of `(codes, problem)`: `(image_size, image_size, 3)` uint8 Lab codes, and as in
        `rgb_dataset` the reason why a photo could not be read.
    """
    # Photos from elsewhere are far larger than the square: without antialiasing they would sparkle.
    resize = keras.layers.Resizing(image_size, image_size, antialias=True)

    def convert(rgb: tf.Tensor, problem: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        lab = rgb_to_lab(resize(tf.cast(rgb, tf.float32)) / 255)
        return tf.ensure_shape(encode_lab(lab), (image_size, image_size, 3)), problem

    dataset = rgb_dataset(photos)
    return dataset.map(convert, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)


def write_records(splits: dict[str, list[Path]], output: Path, config: Preparation) -> Info:
    """Write the shards of both splits, the training set's statistics, and `info.json`.

    Photos that cannot be read, or have no colour to learn from, are left out and named in the info.

    Args:
        splits: The photos of "train" and "validation".
        output: Folder to write to; created if needed.
        config: Image size and photos per shard.

    Returns:
        What was written.

    Raises:
        ValueError: If no photo of a split is usable.
    """
    output.mkdir(parents=True, exist_ok=True)
    writer = _RecordWriter(output, config)
    shards = {split: writer.write_split(split, photos) for split, photos in splits.items()}
    info = Info(config.image_size, shards, writer.skipped)
    for split in splits:
        if not info.count(split):
            raise ValueError(f"no usable photo for {split}: {dict(list(info.skipped.items())[:5])}")
    writer.statistics.save(output / STATISTICS)
    save_info(output, info)
    return info


class _RecordWriter:
    """Writes splits one after the other, and remembers what was skipped and the colours seen."""

    def __init__(self, output: Path, config: Preparation):
        self.output = output
        self.config = config
        self.skipped: dict[str, str] = {}
        self.statistics = ChromaStatistics.of(np.zeros((0, 3), np.uint8))

    def write_split(self, split: str, photos: list[Path]) -> list[Shard]:
        step = self.config.shard_examples
        count = ceil(len(photos) / step)
        chunks = [photos[index * step : (index + 1) * step] for index in range(count)]
        shards = []
        with tqdm(total=len(photos), desc=split, unit=" photos", mininterval=1) as progress:
            for index, chunk in enumerate(chunks):
                path = self.output / shard_name(split, index, count)
                shards.append(write_shard(path, self._examples(split, chunk, progress)))
        return shards

    def _examples(
        self, split: str, photos: list[Path], progress: Any
    ) -> Iterator[tuple[str, np.ndarray]]:
        dataset = lab_dataset(photos, self.config.image_size).batch(BATCH).prefetch(1)
        names = iter(photos)
        for codes, problems in dataset.as_numpy_iterator():
            problems = [problem.decode() for problem in problems]
            reasons = [p or _why_useless(image) for p, image in zip(problems, codes, strict=True)]
            usable = codes[[not reason for reason in reasons]]
            if split == "train" and len(usable):
                self.statistics += ChromaStatistics.of(usable)
            for image, reason in zip(codes, reasons, strict=True):
                photo = next(names)
                if reason:
                    self.skipped[str(photo)] = reason
                else:
                    yield photo.name, image
            progress.update(len(codes))


def _why_useless(codes: np.ndarray) -> str:
    chroma = codes[..., 1:].astype(np.int16) - 128
    return "greyscale: no colour to learn" if np.abs(chroma).max() <= NEAR_GREY else ""
