"""What the experiments share: resumable rows of trainings, scores of whole splits, options."""

import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import keras
import numpy as np
import tensorflow as tf
import typer
from tqdm import tqdm

from colorization.config import Training
from colorization.data import input_pipeline
from colorization.data.chroma_statistics import STATISTICS
from colorization.data.image_io import read_photo
from colorization.data.record_info import save_info
from colorization.data.sources import open_photos
from colorization.data.tfrecords import load_info, shard_name, write_shard
from colorization.evaluation.metrics import colorfulness, to_rgb8
from colorization.evaluation.predictors import replace_chroma
from colorization.files import save_json
from colorization.models import NetworkBuilder
from colorization.training.callbacks import History
from colorization.training.train import train

BATCH = 32
Result = dict[str, Any]

RecordsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="FOLDER[=WEIGHT]...", help="Folders of records, as `deepcolor train` takes them."
    ),
]
FolderOption = Annotated[
    Path, typer.Option("--output", help="Folder for the networks and the JSON file.")
]
FileOption = Annotated[Path | None, typer.Option("--output", help="JSON file to write.")]
SetRecordsOption = Annotated[list[str] | None, typer.Option("--records", metavar="NAME=FOLDER")]
SetPhotosOption = Annotated[list[str] | None, typer.Option("--photos", metavar="NAME=SOURCE")]
MostOption = Annotated[int, typer.Option("--most", help="Use at most this many photos of a set.")]
SummaryOption = Annotated[
    Path | None, typer.Option("--summary", help="JSON file for what answers.pdf reports.")
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", help="A .keras file; by default the shipped network.")
]


def run_rows(
    rows: Mapping[str, Callable[[], Any]], file: Path, chosen: Iterable[str] = ()
) -> dict[str, Any]:
    """Measure the rows that a JSON file lacks, of those chosen (default, all of them).

    Writes the file after each row, and returns all its rows.
    """
    if unknown := set(chosen) - set(rows):
        raise typer.BadParameter(f"no row {', '.join(sorted(unknown))}; there are {list(rows)}")
    file.parent.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    missing = [name for name in chosen or rows if name not in results]
    started = time.monotonic()
    for done, name in enumerate(missing):
        left = (time.monotonic() - started) / done * (len(missing) - done) if done else None
        time_left = "" if left is None else f", about {timedelta(seconds=round(left))} left"
        print(f"[{done + 1}/{len(missing)}] {name}{time_left}", flush=True)
        results[name] = rows[name]()
        save_json(file, results)
    return results


def train_once(
    config: Training,
    records: Mapping[Path, float],
    folder: Path,
    network: NetworkBuilder | None = None,
) -> History:
    """Train as `train` does, but read the history of a training that is finished.

    Raises:
        ValueError: If the folder holds a training of that name with other settings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / f"{config.name}-config.json"
    as_json = json.loads(json.dumps(asdict(config)))
    if settings.is_file() and json.loads(settings.read_text("utf-8")) != as_json:
        raise ValueError(f"`folder` {folder} holds {config.name!r} trained with other settings")
    save_json(settings, config)
    history = folder / f"{config.name}-history.json"
    if not history.is_file():
        train(config, records, folder, network=network)
    finished: History = json.loads(history.read_text("utf-8"))
    return finished


def thin(records: Path, target: Path, every: int) -> Path:
    """Write records of every n-th training photo and of all validation photos."""
    info = load_info(records)
    target.mkdir(parents=True, exist_ok=True)
    files = [str(records / shard.file) for shard in info.splits["train"]]

    def examples() -> Iterator[bytes]:
        yield from tf.data.TFRecordDataset(files).shard(every, 0).as_numpy_iterator()

    shard = write_shard(target / shard_name("train", 0, 1), examples())
    for kept in (*(shard.file for shard in info.splits["validation"]), STATISTICS):
        shutil.copyfile(records / kept, target / kept)
    save_info(target, replace(info, splits={**info.splits, "train": [shard]}, problems={}))
    return target


def score_validation(model: keras.Model, records: Path, size: int) -> dict[str, float]:
    """Measure a model from L to ab on a whole validation split, at a side of `size` pixels.

    Returns:
        Means over the photos: "ab_mse", and "colorfulness" as a ratio to the truth.
    """
    errors, predicted, true = [], [], []
    for photo, colored in _validation_pairs(model, records, size):
        errors.append(np.mean((colored - photo)[..., 1:] ** 2))
        predicted.append(colorfulness(to_rgb8(colored)))
        true.append(colorfulness(to_rgb8(photo)))
    ratio = np.mean(predicted) / np.mean(true)
    return {"ab_mse": float(np.mean(errors)), "colorfulness": float(ratio)}


def photo_errors(model: keras.Model, records: Path, size: int) -> np.ndarray:
    """Return the ab MSE of each photo of a validation split, `(photos,)`."""
    pairs = _validation_pairs(model, records, size)
    return np.array([np.mean((colored - photo)[..., 1:] ** 2) for photo, colored in pairs])


def _validation_pairs(
    model: keras.Model, records: Path, size: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for x, y in input_pipeline.validation_batches(records, BATCH, size).as_numpy_iterator():
        for lightness, chroma, truth in zip(x, model.predict_on_batch(x), y, strict=True):
            photo = np.concatenate([lightness, truth], axis=-1)
            yield photo, replace_chroma(photo, chroma)


def read_photos(source: Path, limit: int | None = None) -> Iterator[np.ndarray]:
    """Read photos of a folder or a zip: all of them, or at most `limit`, evenly spaced."""
    with TemporaryDirectory() as scratch:
        paths = open_photos(source, Path(scratch))
        step = -(-len(paths) // limit) if limit else 1
        for path in tqdm(paths[::step], source.stem, unit=" photos"):
            yield read_photo(path)


def write_json(file: Path | None, results: Any) -> None:
    """Write results to a JSON file, whose folder is created, if a file is given."""
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_json(file, results)
