r"""How far one hint reaches that contradicts the photo: within the thing it names, and elsewhere.

    python -m experiments.corrections --records portraits=portraits --photos wild=wild/ \
        --output docs/build/corrections.json

One thing of each photo gets the color that another photo has there, and one hint says so, as a
person would who knows that the dress was green. Of the change that is wanted at the hint, each
pixel takes a share: 1 is all of it, 0 is nothing. Photos are reduced as in `experiments.hints`.
"""

import numpy as np
import tensorflow as tf
import typer
from docs.build import markdown_tables
from tqdm import tqdm

from colorization.inference.colorize import load_model
from colorization.inference.predictor import Predictor, keras_predictor
from colorization.training.random_hints import cell_means
from colorization.training.recolored_regions import recolor_one_thing
from experiments import harness
from experiments.hints import open_squares

KEY = (0, 0)
SMALLEST_CHANGE = 10.0  # wanted at a hint, ab; a share of less means little


def measure(predictor: Predictor, photos: list[np.ndarray], title: str) -> harness.Result:
    """Return the mean shares of the wanted change in the recolored things and elsewhere."""
    lab = np.stack(photos).astype(np.float32)
    recolored, places = recolor_one_thing(tf.constant(lab[..., :1]), tf.constant(lab[..., 1:]), KEY)
    hints = np.concatenate([cell_means(recolored) * places, places], axis=-1)
    things = np.any(recolored != lab[..., 1:], axis=-1)
    shares = [
        _shares(predictor, photo[..., 0], hint, thing)
        for photo, hint, thing in zip(tqdm(lab, title, unit=" photos"), hints, things, strict=True)
    ]
    counted = np.array([share for share in shares if share])
    thing, elsewhere = counted.mean(axis=0).tolist()
    return {"photos": len(counted), "thing": thing, "elsewhere": elsewhere}


def _shares(
    predictor: Predictor, lightness: np.ndarray, hint: np.ndarray, thing: np.ndarray
) -> tuple[float, float] | None:
    before = predictor.chroma(lightness)
    given = hint[..., 2] == 1
    wanted = (hint[..., :2] - cell_means(before[None])[0].numpy())[given][0]
    if np.linalg.norm(wanted) < SMALLEST_CHANGE or thing.all():
        return None
    change = (predictor.chroma(lightness, hints=hint) - before) @ wanted / (wanted @ wanted)
    return float(change[thing].mean()), float(change[~thing].mean())


def main(
    records: harness.SetRecordsOption = None,
    photos: harness.SetPhotosOption = None,
    model: harness.ModelOption = None,
    most: harness.MostOption = 100,
    output: harness.FileOption = None,
) -> None:
    """Measure how far one hint reaches."""
    predictor = keras_predictor(load_model(model))
    sets = open_squares(records or (), photos or (), most)
    results = {name: measure(predictor, squares, name) for name, squares in sets.items()}
    print(markdown_tables.corrections(results))
    harness.write_json(output, results)


if __name__ == "__main__":
    typer.run(main)
