r"""What stronger colors cost: error and colorfulness of a network at every strength, by set.

    python -m experiments.strength models/deep-colorization.keras --records portraits=portraits \
        --photos wild=wild/ --output docs/build/strength.json

Every set is colored as `coloriser` does it, and again with its `quality`; then its chroma is
multiplied by `strength`. Records are measured on their validation split.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from colorization.config import Evaluation
from colorization.evaluation.metrics import colorfulness, to_rgb8
from colorization.evaluation.predictors import replace_chroma
from colorization.files import save_json
from colorization.inference.colorize import predict_chroma
from colorization.models import colorizer
from deepcolor.local.evaluate import open_eval_sets

STRENGTHS = tuple(round(0.8 + 0.1 * step, 1) for step in range(15))

Scores = dict[str, list[float]]


def scores(model: keras.Model, photos: list[np.ndarray], quality: bool, name: str) -> Scores:
    """Return the mean ab MSE and the ratio of colorfulness at each of `STRENGTHS`."""
    errors, told, true = [], [], []
    for photo in tqdm(photos, desc=name, unit=" photos"):
        chroma = predict_chroma(model, photo[..., 0], tta=quality)
        answers = [(strength * chroma).clip(-128, 128) for strength in STRENGTHS]
        errors.append([np.mean((answer - photo[..., 1:]) ** 2) for answer in answers])
        told.append([colorfulness(to_rgb8(replace_chroma(photo, answer))) for answer in answers])
        true.append(colorfulness(to_rgb8(photo)))
    ratios = np.mean(told, axis=0) / np.mean(true)
    return {"ab_mse": np.mean(errors, axis=0).tolist(), "colorfulness": ratios.tolist()}


def main() -> None:
    """Measure every set in both ways, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    for given in ("--records", "--photos"):
        parser.add_argument(given, action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    model = colorizer(keras.saving.load_model(options.model, compile=False), None)
    sets = open_eval_sets(options.records, options.photos, Evaluation())
    measured = {
        way: {name: scores(model, s.photos, way == "quality", name) for name, s in sets.items()}
        for way in ("usual", "quality")
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    save_json(options.output, {"strengths": list(STRENGTHS), **measured})


if __name__ == "__main__":
    main()
