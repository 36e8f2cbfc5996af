"""Speed of the data path: preparation, training input, and `fit`, each beside another way.

    python -m benchmarks.data_path --data photos/ --output docs/build/data_path.json
    python -m docs.build.tables

Photos of CelebA's size (178x218 JPEG) are repeated under new names until there are enough. The ways
of a comparison take turns within one run, in alternating order, and the median of the turns' ratios
counts. The result also holds the processor time of each image, in microseconds of one core.
"""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
import typer
from skimage.color import rgb2lab

from colorization.color.lab import decode_lab
from colorization.color.lab_lookup import lab_code_table
from colorization.config import Preparation
from colorization.data import input_pipeline
from colorization.data.prepare import write_records
from colorization.data.sources import open_sources
from colorization.data.splits import split_photos
from colorization.data.tfrecords import load_info
from colorization.models import autoencoder
from deepcolor.portraits import write_portraits

SIZE = 128
BATCH = 32
Rows = dict[str, dict[str, float]]
Turns = dict[str, list[tuple[float, float]]]  # as `in_turns` returns it


def repeated(data: Path | None, folder: Path, count: int) -> Path:
    """Make a folder of `count` links to the photos of `data`, or to drawn ones."""
    source = data or folder / "drawn"
    if data is None:
        write_portraits(source, 500)
    found, _ = open_sources([source], folder / "unpacked")
    target = folder / "photos"
    target.mkdir()
    for number in range(count):
        os.link(found[number % len(found)].path, target / f"{number:06d}.jpg")
    return target


def assignments_way(folder: Path) -> tf.data.Dataset:
    """Read photos as the assignment does: a Keras dataset, and skimage in a `py_function`."""

    def convert(rgb: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        lab = tf.py_function(lambda images: rgb2lab(images.numpy() / 255), [rgb], tf.float32)
        return lab[..., :1], lab[..., 1:]

    photos = keras.utils.image_dataset_from_directory(
        folder, labels=None, image_size=(SIZE, SIZE), batch_size=BATCH, verbose=False
    )
    return photos.map(convert, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def epoch(batches: Iterable[Any]) -> None:
    """Go once through a dataset."""
    for _ in batches:
        pass


def timed(work: Callable[..., object], *arguments: object, **named: object) -> tuple[float, float]:
    """Time one call: seconds by the clock, and processor seconds of this process."""
    os.sync()  # an earlier call's writes must not count for this one
    used, started = time.process_time(), time.perf_counter()
    work(*arguments, **named)
    return time.perf_counter() - started, time.process_time() - used


def in_turns(ways: dict[str, Callable[[], object]], images: dict[str, int], turns: int) -> Turns:
    """Time ways in turns; return images per second and microseconds per image of each turn."""
    found: Turns = {name: [] for name in ways}
    for turn in range(turns):
        for name in list(ways)[:: -1 if turn % 2 else 1]:
            wall, used = timed(ways[name])
            found[name].append((images[name] / wall, used / images[name] * 1e6))
    return found


def preparation_rows(folder: Path, turns: int) -> Rows:
    """Measure preparation against the assignment's way."""
    photos, _ = open_sources([folder], folder)
    splits = split_photos(photos, 0.1)
    output = folder.parent / "records"

    def prepare() -> None:
        shutil.rmtree(output, ignore_errors=True)
        write_records(splits, output, Preparation(SIZE))

    lab_code_table()  # half a second, once per process
    ways: dict[str, Callable[[], object]] = {
        "prepare": prepare,
        "assignment": lambda: epoch(assignments_way(folder)),
    }
    found = in_turns(ways, dict.fromkeys(ways, len(photos)), turns)
    return {"preparation / the assignment's way": compared(found, "prepare", "assignment")}


def input_rows(folder: Path, turns: int) -> Rows:
    """Measure the training input against a plain read and against the assignment's way."""
    records = folder.parent / "records"
    info = load_info(records)
    files = [str(records / shard.file) for shard in info.splits["train"]]
    inputs = {
        "input": input_pipeline.training_batches(records, BATCH, seed=0),
        "streamed": input_pipeline.training_batches(records, BATCH, seed=0, resident=False),
        "plain read": tf.data.TFRecordDataset(files).batch(BATCH),
        "assignment": assignments_way(folder),
    }
    images = dict.fromkeys(inputs, info.count("train"))
    images["assignment"] = sum(info.count(split) for split in info.splits)
    found = in_turns({name: partial(epoch, way) for name, way in inputs.items()}, images, turns)
    return {
        "training input / plain read": compared(found, "input", "plain read"),
        "training input / the assignment's way": compared(found, "input", "assignment"),
        "streamed input / plain read": compared(found, "streamed", "plain read"),
    }


def fit_row(folder: Path, turns: int, steps: int) -> Rows:
    """Measure `fit` with the real input against `fit` on one batch from memory.

    Both yield batches of the same unknown length, so that `fit` runs the same graph.
    """
    real = input_pipeline.training_batches(folder.parent / "records", BATCH, seed=0)
    one = real.take(1).cache()
    inputs = {"real": real.repeat(), "one batch": one.repeat().prefetch(tf.data.AUTOTUNE)}
    model = autoencoder()
    model.compile("adam", "mse")
    ways = {
        name: partial(model.fit, way, steps_per_epoch=steps, verbose=0)
        for name, way in inputs.items()
    }
    for way in ways.values():
        way()  # compiles
    found = in_turns(ways, dict.fromkeys(ways, steps * BATCH), 2 * turns)
    return {"fit with real input / fit on one batch": compared(found, "real", "one batch")}


def accuracy_row() -> Rows:
    """Compare the codes of every color with `skimage`, in levels of each channel."""
    codes = lab_code_table().view(np.uint8).reshape(256, 256, 256, 4)[..., [0, 2, 3]]
    red, green = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    worst = np.zeros(3)
    for blue in range(256):
        lab = rgb2lab(np.stack([red, green, np.full_like(red, blue)], axis=-1))
        error = np.abs(decode_lab(codes[blue].astype(np.float64)) - lab) * [2.55, 1, 1]
        worst = np.maximum(worst, error.max(axis=(0, 1)))
    return {"largest error of a code, levels": dict(zip("Lab", worst.tolist(), strict=True))}


def compared(found: Turns, ours: str, theirs: str) -> dict[str, float]:
    """Return the median of the turns' ratios, and medians of rates and of microseconds."""
    (rate, used), (their_rate, their_use) = (
        map(statistics.median, zip(*found[way], strict=True)) for way in (ours, theirs)
    )
    ratios = [a / b for (a, _), (b, _) in zip(found[ours], found[theirs], strict=True)]
    return {
        "ratio": statistics.median(ratios),
        "images_per_second": rate,
        "against": their_rate,
        "microseconds": used,
        "microseconds_against": their_use,
    }


def main(
    data: Annotated[Path | None, typer.Option(help="Photos; drawn ones if none.")] = None,
    photos: Annotated[int, typer.Option(help="How many to make of them.")] = 10_000,
    turns: Annotated[int, typer.Option(help="Turns of each comparison.")] = 5,
    steps: Annotated[int, typer.Option(help="Training steps of each turn of `fit`.")] = 8,
    output: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
) -> None:
    """Measure everything and print it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = repeated(data, Path(scratch), photos)
        rows = preparation_rows(folder, turns) | input_rows(folder, turns)
        rows |= fit_row(folder, turns, steps) | accuracy_row()
    for name, row in rows.items():
        print(f"{name}: " + ", ".join(f"{key} {value:.4g}" for key, value in row.items()))
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        describe = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
        revision = subprocess.run(describe, stdout=subprocess.PIPE, text=True).stdout.strip()
        output.write_text(json.dumps({"revision": revision} | rows, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
