"""The data path against its limits, side by side: preparation, training input, and `fit`.

    python benchmarks/data_path.py --data photos/ --output build/benchmarks/data_path.json

Photos of CelebA's size (178x218 JPEG) are repeated under new names until there are enough. Every
comparison takes turns within one run, and the median of the turns' ratios counts.
"""

import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
import typer
from skimage.color import rgb2lab

from colorization import pipeline
from colorization.codes import Encoder, code_table
from colorization.config import Preparation
from colorization.conversion import GROUP, in_order
from colorization.jpegs import squares_of
from colorization.lab import decode_lab
from colorization.models import autoencoder
from colorization.photos import content_of
from colorization.preparation import write_records
from colorization.records import load_info
from colorization.sources import Photo, open_sources, split_photos
from deepcolor.portraits import write_portraits

SIZE = 128
BATCH = 32


def repeated(data: Path | None, folder: Path, count: int) -> Path:
    """Make a folder of so many photos: those given, or drawn ones, again and again as links."""
    source = data or folder / "drawn"
    if data is None:
        write_portraits(source, 500)
    found, _ = open_sources([source], folder / "unpacked")
    target = folder / "photos"
    target.mkdir()
    for number in range(count):
        os.link(found[number % len(found)].path, target / f"{number:06d}.jpg")
    return target


def decoded_and_resized(photos: list[Photo]) -> None:
    """Read, decode and resize, with the same decoder on the same cores, and nothing else."""

    def read(group: list[Photo]) -> list[np.ndarray | None]:
        return squares_of([content_of(photo.path) for photo in group], SIZE)

    groups = (photos[at : at + GROUP] for at in range(0, len(photos), GROUP))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in in_order(pool, read, groups):
            pass


def assignments_way(folder: Path) -> tf.data.Dataset:
    """Read photos as the assignment tells to: a Keras dataset and skimage in a `py_function`."""

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


def seconds(work: Callable[..., object], *arguments: object, **named: object) -> float:
    """Time one call."""
    started = time.perf_counter()
    work(*arguments, **named)
    return time.perf_counter() - started


def preparation_rows(folder: Path, turns: int) -> dict[str, dict[str, float]]:
    """Measure preparation against decoding alone and against the assignment's way."""
    photos, _ = open_sources([folder], folder)
    splits = split_photos(photos, 0.1)
    code_table()  # half a second, once per process
    rates: dict[str, list[float]] = {"prepare": [], "decode and resize": [], "assignment": []}
    output = folder.parent / "records"
    for _ in range(turns):
        shutil.rmtree(output, ignore_errors=True)
        ways: dict[str, Callable[[], object]] = {
            "decode and resize": lambda: decoded_and_resized(photos),
            "prepare": lambda: write_records(splits, output, Preparation(SIZE)),
            "assignment": lambda: epoch(assignments_way(folder)),
        }
        for name, way in ways.items():
            rates[name].append(len(photos) / seconds(way))
    return {
        "preparation / decode and resize": compared(rates, "prepare", "decode and resize"),
        "preparation / the assignment's way": compared(rates, "prepare", "assignment"),
    }


def limit_row(folder: Path, preparation: dict[str, float]) -> dict[str, dict[str, float]]:
    """Measure what preparation cannot do without, each alone: its sum bounds the first ratio.

    Decoding and resizing, looking a number up for each pixel, and handing the bytes to the file
    system; in microseconds of one core a photo.
    """
    photos, _ = open_sources([folder], folder)
    squares = squares_of([content_of(photo.path) for photo in photos[:GROUP]], SIZE)
    encoder, together = Encoder(SIZE), np.stack(squares[: Encoder(SIZE).images])
    look_up = seconds(lambda: [encoder.encode(together) for _ in range(100)])
    record = bytes(SIZE * SIZE * 3)
    with tf.io.TFRecordWriter(str(folder.parent / "only-written")) as writer:
        write = seconds(lambda: [writer.write(record) for _ in range(len(photos))])
    decode = 1e6 * (os.cpu_count() or 1) / preparation["against"]
    parts = {
        "decode and resize": decode,
        "look up": look_up / len(together) / 100 * 1e6,
        "write": write / len(photos) * 1e6,
    }
    return {"preparation at most": {"ratio": decode / sum(parts.values())} | parts}


def input_rows(folder: Path, turns: int) -> dict[str, dict[str, float]]:
    """Measure the training input against a plain read and against the assignment's way."""
    records = folder.parent / "records"
    info = load_info(records)
    files = [str(records / shard.file) for shard in info.splits["train"]]
    ways = {
        "input": pipeline.training(records, BATCH, seed=0),
        "streamed": pipeline.training(records, BATCH, seed=0, resident=False),
        "plain read": tf.data.TFRecordDataset(files).batch(BATCH),
        "assignment": assignments_way(folder),
    }
    photos = {"assignment": sum(info.count(split) for split in info.splits)}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, way in ways.items():
            rates[name].append(photos.get(name, info.count("train")) / seconds(epoch, way))
    return {
        "training input / plain read": compared(rates, "input", "plain read"),
        "training input / the assignment's way": compared(rates, "input", "assignment"),
        "streamed input / plain read": compared(rates, "streamed", "plain read"),
    }


def fit_row(folder: Path, turns: int, steps: int) -> dict[str, dict[str, float]]:
    """Measure `fit` with the real input against `fit` on one batch from memory."""
    real = pipeline.training(folder.parent / "records", BATCH, seed=0)
    one = next(iter(real))
    ways = {"real": real.repeat(), "one batch": tf.data.Dataset.from_tensors(one).repeat()}
    model = autoencoder()
    model.compile("adam", "mse")
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(turns + 1):  # the first turn compiles
        for name, way in ways.items():
            spent = seconds(model.fit, way, steps_per_epoch=steps, verbose=0)
            if turn:
                rates[name].append(steps * BATCH / spent)
    return {"fit with real input / fit on one batch": compared(rates, "real", "one batch")}


def accuracy_row() -> dict[str, dict[str, float]]:
    """Compare the codes of every colour with `skimage`, in levels of each channel."""
    codes = code_table().view(np.uint8).reshape(256, 256, 256, 4)[..., [0, 2, 3]]
    red, green = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    worst = np.zeros(3)
    for blue in range(256):
        lab = rgb2lab(np.stack([red, green, np.full_like(red, blue)], axis=-1))
        error = np.abs(decode_lab(codes[blue].astype(np.float64)) - lab) * [2.55, 1, 1]
        worst = np.maximum(worst, error.max(axis=(0, 1)))
    return {"largest error of a code, levels": dict(zip("Lab", worst.tolist(), strict=True))}


def compared(rates: dict[str, list[float]], ours: str, theirs: str) -> dict[str, float]:
    """Return median rates and the median of the turns' ratios."""
    ratios = [a / b for a, b in zip(rates[ours], rates[theirs], strict=True)]
    return {
        "ratio": statistics.median(ratios),
        "images_per_second": statistics.median(rates[ours]),
        "against": statistics.median(rates[theirs]),
    }


def main(
    data: Annotated[Path | None, typer.Option(help="Photos; drawn ones if none.")] = None,
    photos: Annotated[int, typer.Option(help="How many to make of them.")] = 10_000,
    turns: Annotated[int, typer.Option(help="Turns of each comparison.")] = 5,
    steps: Annotated[int, typer.Option(help="Training steps of each turn of `fit`.")] = 20,
    output: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
) -> None:
    """Measure everything and print it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = repeated(data, Path(scratch), photos)
        rows = preparation_rows(folder, turns)
        rows |= limit_row(folder, rows["preparation / decode and resize"])
        rows |= input_rows(folder, turns)
        rows |= fit_row(folder, turns, steps) | accuracy_row()
    for name, row in rows.items():
        print(f"{name}: " + ", ".join(f"{key} {value:.4g}" for key, value in row.items()))
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
