r"""Collect the measurements and pictures of answers.pdf from trained networks.

    python -m answers.collect --records RECORDS --networks build/figure2 \
        --unet models/deep-colorization.keras --evaluation build/evaluation \
        --elsewhere wild/ --publishable 'gsa_*' --publishable 'pif_*'

Writes `answers/results`: small JSON files, and strips of photos that may be published.
`docs.build.remeasure` runs this and what it needs.
"""

import json
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import keras
import numpy as np
import typer

from answers import measurements, strips
from colorization.config import Evaluation
from colorization.data import input_pipeline
from colorization.data.sources import open_photos
from colorization.data.tfrecords import load_info
from colorization.evaluation.eval_sets import EvalSet, load_photos, load_validation, sample_indices
from colorization.files import save_json
from colorization.models import autoencoder

RESULTS = Path(__file__).parent / "results"
PLAIN, TRANSLATED, UNET = "autoencoder", "autoencoder-translation", "deep-colorization"
CONFIG = Evaluation()


def read_evaluation(folder: Path) -> dict[str, Any]:
    """Read the sets and scores of an evaluation, and compare the two auto-encoders."""
    results = json.loads((folder / "results.json").read_text("utf-8"))
    rows = json.loads((folder / "per-image.json").read_text("utf-8"))
    pairs = {
        name: {
            "translation": measurements.compare_models(rows[name], PLAIN, TRANSLATED),
            "learning": measurements.compare_models(rows[name], "mean color", PLAIN),
        }
        for name in results["sets"]
    }
    return {"sets": results["sets"], "scores": results["scores"], "pairs": pairs}


def read_histories(folder: Path) -> dict[str, dict[str, list[float]]]:
    """Read the histories of all trainings in a folder, by the trainings' names."""
    files = sorted(folder.glob("*-history.json"))
    suffix = "-history.json"
    return {file.name.removesuffix(suffix): json.loads(file.read_text("utf-8")) for file in files}


def describe_data(records: Path, elsewhere: EvalSet) -> dict[str, Any]:
    """Count the photos of the records and the square ones elsewhere; describe a training batch."""
    info = load_info(records)
    x, y = next(iter(input_pipeline.training_batches(records, batch_size=32, seed=0)))
    return {
        "photos": {split: info.count(split) for split in info.splits},
        "problems": info.problems,
        "square_elsewhere": count_squares(elsewhere),
        "batches": {
            name: {
                "shape": list(tensor.shape),
                "dtype": tensor.dtype.name,
                "low": float(tensor.numpy().min()),
                "high": float(tensor.numpy().max()),
            }
            for name, tensor in (("x", x), ("y", y))
        },
    }


def count_squares(photos: EvalSet) -> int:
    """Return how many photos have sides that differ by at most 5 %."""
    sides = np.array([photo.shape[:2] for photo in photos.photos])
    return int((sides.min(axis=1) >= 0.95 * sides.max(axis=1)).sum())


def summarize_autoencoder() -> str:
    """Return what `model.summary()` prints of a new auto-encoder."""
    keras.backend.clear_session()  # so that the names of its layers have no numbers of others
    lines: list[str] = []
    # Columns of 42, 19 and 9 characters hold each layer on one line.
    positions = [42 / 80, 61 / 80, 70 / 80]
    autoencoder().summary(line_length=80, positions=positions, print_fn=lines.append)
    return "\n".join(lines) + "\n"


def read_training_photos(records: Path) -> np.ndarray:
    """Read the training split as `(n, 128, 128, 3)` float32 Lab."""
    batches = input_pipeline.training_batches(records, batch_size=256, seed=0)
    pairs = [np.concatenate(pair, axis=-1) for pair in batches.as_numpy_iterator()]
    return np.concatenate(pairs)


def measure(models: dict[str, keras.Model], sets: dict[str, EvalSet]) -> dict[str, Any]:
    """Return the content of `experiments.json`."""
    pair = {name: models[name] for name in (PLAIN, TRANSLATED)}
    shifts = measurements.shift_errors(pair, np.stack(sets["validation"].photos))
    colors = {
        name: {
            model: measurements.compare_colors(photos, measurements.predict_all(network, photos))
            for model, network in pair.items()
        }
        for name, photos in sets.items()
    }
    return {
        "shifts": {"per_cent": list(measurements.SHIFTS), **shifts},
        "colors": colors,
        "settings": {
            "classes": measurements.measure_classes(models[UNET], sets["elsewhere"]),
            "regression": measurements.measure_regression(models[UNET], sets["elsewhere"]),
        },
    }


def measure_ties(network: keras.Model, validation: EvalSet) -> dict[str, Any]:
    """Return the content of `ties.json`: true colors, and those of a network's regression."""
    chroma = np.stack(measurements.predict_all(network, validation))
    return measurements.compare_ties(np.stack(validation.photos), chroma)


def draw_strips(
    models: dict[str, keras.Model],
    sets: dict[str, EvalSet],
    train: np.ndarray,
    publishable: Sequence[str],
    folder: Path,
) -> None:
    """Write strips of photos; those from elsewhere have names that match `publishable`."""
    allowed = [
        index
        for index, name in enumerate(sets["elsewhere"].names)
        if any(fnmatch(name, pattern) for pattern in publishable)
    ]
    if len(allowed) < CONFIG.figure_photos:
        raise typer.BadParameter(
            f"--publishable must match {CONFIG.figure_photos} photos, {publishable} match "
            f"{len(allowed)}"
        )
    elsewhere = strips.subset(sets["elsewhere"], allowed)
    folder.mkdir(exist_ok=True)
    for name, photos in {"validation": sets["validation"], "elsewhere": elsewhere}.items():
        part = strips.subset(photos, sample_indices(photos, CONFIG.figure_photos, CONFIG.seed))
        pair = {model: models[model] for model in (PLAIN, TRANSLATED)}
        strips.save(strips.versions(part, pair), folder, name)
        if name == "elsewhere":
            strips.save(strips.settings(part, models[UNET]), folder, "vivid")
    strips.save(strips.channels_and_maps(train[0], models[PLAIN]), folder, "portrait")


def main(
    records: Annotated[Path, typer.Option(help="Folder of records of the portraits.")],
    networks: Annotated[Path, typer.Option(help="Output folder of `experiments.figure2`.")],
    unet: Annotated[Path, typer.Option(help="The U-Net's .keras file.")],
    evaluation: Annotated[
        Path, typer.Option(help="Output folder of `deepcolor evaluate` for the three networks.")
    ],
    elsewhere: Annotated[Path, typer.Option(help="Folder or zip of portraits from elsewhere.")],
    publishable: Annotated[
        list[str], typer.Option(help="Pattern of names of these that may be published.")
    ],
    provisional: Annotated[bool, typer.Option("--provisional", help="Say so in the PDF.")] = False,
    results: Annotated[Path, typer.Option(help="Folder to write to.")] = RESULTS,
) -> None:
    """Collect the measurements and pictures of answers.pdf."""
    paths = {name: networks / f"{name}.keras" for name in (PLAIN, TRANSLATED)} | {UNET: unet}
    models = {name: keras.saving.load_model(path, compile=False) for name, path in paths.items()}
    with TemporaryDirectory() as scratch:
        portraits = open_photos(elsewhere, Path(scratch))
        sets = {
            "validation": load_validation(records, CONFIG.max_photos),
            "elsewhere": load_photos(portraits[: CONFIG.max_photos], CONFIG.photo_size),
        }
    results.mkdir(exist_ok=True)
    train = read_training_photos(records)
    save_json(results / "about.json", {"provisional": provisional})
    save_json(results / "evaluation.json", read_evaluation(evaluation))
    save_json(results / "histories.json", read_histories(networks))
    save_json(results / "data.json", describe_data(records, sets["elsewhere"]))
    save_json(results / "experiments.json", measure(models, sets))
    # Compact: it holds thousands of small numbers.
    ties = json.dumps(measure_ties(models[UNET], sets["validation"]))
    (results / "ties.json").write_text(ties + "\n", "utf-8")
    (results / "summary.txt").write_text(summarize_autoencoder(), "utf-8")
    draw_strips(models, sets, train, publishable, results / "photos")


if __name__ == "__main__":
    typer.run(main)
