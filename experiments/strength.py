r"""What stronger colors cost: error and colorfulness of a network at every strength, by set.

    python -m experiments.strength --records portraits=portraits --photos wild=wild/ \
        --output docs/build/strength.json

Each set is colored as `coloriser` does it, without and with test-time augmentation; then the chroma
is multiplied by the strength. Records are measured on their validation split.
"""

import keras
import numpy as np
import typer
from docs.build import markdown_tables
from tqdm import tqdm

from colorization.config import Evaluation
from colorization.evaluation.metrics import colorfulness, to_rgb8
from colorization.evaluation.predictors import replace_chroma
from colorization.inference.colorize import load_model, predict_chroma
from colorization.models import colorizer
from deepcolor.local.evaluate import open_eval_sets
from experiments import harness

STRENGTHS = tuple(round(0.8 + 0.1 * step, 1) for step in range(15))


def score(
    model: keras.Model, photos: list[np.ndarray], fast: bool, title: str
) -> dict[str, list[float]]:
    """Return the mean ab MSE and the ratio of colorfulness at each of `STRENGTHS`."""
    errors, predicted, true = [], [], []
    for photo in tqdm(photos, title, unit=" photos"):
        chroma = predict_chroma(model, photo[..., 0], None, fast)
        scaled = [(strength * chroma).clip(-128, 128) for strength in STRENGTHS]
        errors.append([np.mean((ab - photo[..., 1:]) ** 2) for ab in scaled])
        predicted.append([colorfulness(to_rgb8(replace_chroma(photo, ab))) for ab in scaled])
        true.append(colorfulness(to_rgb8(photo)))
    ratios = np.mean(predicted, axis=0) / np.mean(true)
    return {"ab_mse": np.mean(errors, axis=0).tolist(), "colorfulness": ratios.tolist()}


def main(
    records: harness.SetRecordsOption = None,
    photos: harness.SetPhotosOption = None,
    model: harness.ModelOption = None,
    output: harness.FileOption = None,
) -> None:
    """Measure error and colorfulness at every strength, with `--fast` and without."""
    network = colorizer(load_model(model), None)
    sets = open_eval_sets(records or (), photos or (), Evaluation())
    results = {"strengths": list(STRENGTHS)} | {
        key: {name: score(network, s.photos, fast, f"{name}, {key}") for name, s in sets.items()}
        for key, fast in (("fast", True), ("usual", False))
    }
    print(markdown_tables.strength(results))
    harness.write_json(output, results)


if __name__ == "__main__":
    typer.run(main)
