r"""Collect what answers.pdf needs from trained networks and their evaluation.

    python -m answers.collect --records RECORDS --networks build/figure2 \
        --unet models/deep-colorization.keras --evaluation build/evaluation \
        --elsewhere wild/ --publishable 'gsa_*' --publishable 'pif_*'

`--networks` is the output folder of `experiments.figure2`; `--evaluation` is that of `deepcolor
evaluate` for the three networks on the sets "validation" and "elsewhere". `docs.build.remeasure`
runs all of it.

Writes `answers/results`: small JSON files, and strips of photos that may be shown.
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

from answers import experiments, strips
from colorization.config import Evaluation
from colorization.data import input_pipeline
from colorization.data.sources import open_photos
from colorization.data.tfrecords import load_info
from colorization.evaluation.eval_sets import EvalSet, load_photos, load_validation, sample_indices
from colorization.files import save_json
from colorization.models import autoencoder

RESULTS = Path(__file__).parent / "results"
PLAIN, MOVED, UNET = "autoencoder", "autoencoder-translation", "deep-colorization"
CONFIG = Evaluation()

app = typer.Typer(add_completion=False)


def read_evaluation(folder: Path) -> dict[str, Any]:
    """Take from an evaluation its sets, scores and the comparison of the two auto-encoders."""
    found = json.loads((folder / "results.json").read_text("utf-8"))
    rows = json.loads((folder / "per-image.json").read_text("utf-8"))
    pairs = {
        name: {
            "translation": experiments.paired(rows[name], PLAIN, MOVED),
            "learning": experiments.paired(rows[name], "mean color", PLAIN),
        }
        for name in found["sets"]
    }
    return {"sets": found["sets"], "scores": found["scores"], "pairs": pairs}


def histories(folder: Path) -> dict[str, dict[str, list[float]]]:
    """Read the histories of all trainings in a folder, by name."""
    files = sorted(folder.glob("*-history.json"))
    suffix = "-history.json"
    return {file.name.removesuffix(suffix): json.loads(file.read_text("utf-8")) for file in files}


def data(records: Path) -> dict[str, Any]:
    """Describe the records as `next(iter(dataset))` shows them."""
    info = load_info(records)
    x, y = next(iter(input_pipeline.training_batches(records, batch_size=32, seed=0)))
    return {
        "photos": {split: info.count(split) for split in info.splits},
        "problems": info.problems,
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


def summary() -> str:
    """Return what `model.summary()` prints of a new auto-encoder."""
    keras.backend.clear_session()  # else the layers are numbered on from those of other models
    lines: list[str] = []
    # Columns of 42, 19 and 9 letters hold the longest of each, so that no layer takes two lines.
    positions = [42 / 80, 61 / 80, 70 / 80]
    autoencoder().summary(line_length=80, positions=positions, print_fn=lines.append)
    return "\n".join(lines) + "\n"


def training_photos(records: Path) -> np.ndarray:
    """Read the training split, `(n, 128, 128, 3)` float32 Lab, in the order of the records."""
    batches = input_pipeline.training_batches(records, batch_size=256, seed=0)
    pairs = [np.concatenate(pair, axis=-1) for pair in batches.as_numpy_iterator()]
    return np.concatenate(pairs)


def measured(
    models: dict[str, keras.Model], sets: dict[str, EvalSet], train: np.ndarray
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run the experiments.

    Args:
        models: The two auto-encoders and our network, by name.
        sets: "validation" and "elsewhere".
        train: `(n, 128, 128, 3)` Lab.

    Returns:
        What `experiments.json` and `context.json` hold.
    """
    validation = np.stack(sets["validation"].photos)
    pair = {name: models[name] for name in (PLAIN, MOVED)}
    chroma = {name: model.predict(validation[..., :1], verbose=0) for name, model in pair.items()}
    colors = {
        name: {
            model: experiments.colors(photos, experiments.predictions(network, photos))
            for model, network in pair.items()
        }
        for name, photos in sets.items()
    }
    found = {
        "shifts": {
            "per_cent": list(experiments.SHIFTS),
            **experiments.shift_errors(pair, validation),
        },
        "colors": colors,
        "settings": experiments.settings(models[UNET], sets["elsewhere"]),
    }
    lightness = validation[..., 0]
    context = {
        "train": experiments.context(train[..., 0], train[..., 1:]),
        "validation": experiments.context(lightness, validation[..., 1:]),
        "predicted": experiments.context(lightness, chroma[PLAIN]),
    }
    return found, context


def draw(
    models: dict[str, keras.Model],
    sets: dict[str, EvalSet],
    train: np.ndarray,
    shown: Sequence[str],
    folder: Path,
) -> None:
    """Write the strips of photos.

    Args:
        models: As `measured` takes them.
        sets: "validation" and "elsewhere".
        train: As `measured` takes it.
        shown: Patterns of the names of photos from elsewhere that may be published.
        folder: Where to.
    """
    allowed = [
        index
        for index, name in enumerate(sets["elsewhere"].names)
        if any(fnmatch(name, pattern) for pattern in shown)
    ]
    if len(allowed) < CONFIG.figure_photos:
        raise SystemExit(f"--publishable {shown}: only {len(allowed)} photos match")
    permitted = strips.chosen(sets["elsewhere"], allowed)
    folder.mkdir(exist_ok=True)
    for name, photos in {"validation": sets["validation"], "elsewhere": permitted}.items():
        part = strips.chosen(photos, sample_indices(photos, CONFIG.figure_photos, CONFIG.seed))
        pair = {model: models[model] for model in (PLAIN, MOVED)}
        strips.save(strips.versions(part, pair), folder, name)
        if name == "elsewhere":
            strips.save(strips.settings(part, models[UNET]), folder, "vivid")
    strips.save(strips.of_one(train[0], models[PLAIN]), folder, "portrait")


@app.command()
def collect(
    records: Annotated[Path, typer.Option(help="Records of the portraits.")],
    networks: Annotated[Path, typer.Option(help="Output folder of `experiments.figure2`.")],
    unet: Annotated[Path, typer.Option(help="The network that ships, a .keras file.")],
    evaluation: Annotated[Path, typer.Option(help="Output folder of `deepcolor evaluate`.")],
    elsewhere: Annotated[Path, typer.Option(help="Folder of photos from elsewhere.")],
    publishable: Annotated[
        list[str], typer.Option(help="Pattern of the names of photos that may be shown.")
    ],
    provisional: Annotated[
        bool, typer.Option("--provisional", help="Mark the PDF as provisional.")
    ] = False,
    results: Annotated[Path, typer.Option(help="Write to this folder.")] = RESULTS,
) -> None:
    """Measure the networks and write what answers.pdf needs."""
    paths = {name: networks / f"{name}.keras" for name in (PLAIN, MOVED)}
    models = {
        name: keras.saving.load_model(path, compile=False)
        for name, path in (paths | {UNET: unet}).items()
    }
    with TemporaryDirectory() as scratch:
        portraits = open_photos(elsewhere, Path(scratch))
        sets = {
            "validation": load_validation(records, CONFIG.max_photos),
            "elsewhere": load_photos(portraits[: CONFIG.max_photos], CONFIG.photo_size),
        }
    results.mkdir(exist_ok=True)
    train = training_photos(records)
    found, context = measured(models, sets, train)
    save_json(results / "about.json", {"provisional": provisional})
    save_json(results / "evaluation.json", read_evaluation(evaluation))
    save_json(results / "histories.json", histories(networks))
    save_json(results / "data.json", data(records))
    save_json(results / "experiments.json", found)
    # Thousands of small numbers: not one on each line.
    (results / "context.json").write_text(json.dumps(context) + "\n", "utf-8")
    (results / "summary.txt").write_text(summary(), "utf-8")
    draw(models, sets, train, publishable, results / "photos")


if __name__ == "__main__":
    app()
