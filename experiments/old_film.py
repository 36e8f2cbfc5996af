r"""How a network copes with the gray tones of old films, which did not see all colors.

    python -m experiments.old_film faces portraits --portraits old-portraits/ \
        --previous previous.keras --output docs/build/old_film.json

The photos of validation splits are shown to the network as three films would have seen them. Where
faces fill the image, as in CelebA, the mean a* in the middle of the face tells whether skin has
blood in it. Genuine old portraits have no true colors: of them only a* is reported.
"""

from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import tensorflow as tf
import typer
from docs.build import markdown_tables
from tqdm import tqdm

from colorization.augment.emulsion import (
    BLUE_SENSITIVE,
    ORTHOCHROMATIC,
    PANCHROMATIC,
    lightness_on_film,
)
from colorization.color.lightness import tile_lightness
from colorization.evaluation.eval_sets import FACE_COLUMNS, FACE_ROWS, load_validation
from colorization.evaluation.image_scores import bootstrap_interval
from colorization.inference.colorize import load_model, predict_chroma
from colorization.models import colorizer
from experiments import harness

FILMS = {
    "today's film": PANCHROMATIC,
    "orthochromatic": ORTHOCHROMATIC,
    "blue-sensitive": BLUE_SENSITIVE,
}
MOST = 300  # photos of a set


def middle(chroma: np.ndarray) -> np.ndarray:
    """Return the chroma `(rows, columns, 2)` in the middle of a face that fills the image."""
    (top, bottom), (left, right) = (
        [round(share * length) for share in shares]
        for shares, length in zip((FACE_ROWS, FACE_COLUMNS), chroma.shape, strict=False)
    )
    return chroma[top:bottom, left:right]


def score(
    model: keras.Model, photos: list[np.ndarray], sensitivity: tuple[float, ...], title: str
) -> dict[str, dict[str, float]]:
    """Return the mean ab MSE and the mean a* of the faces, with their intervals."""
    errors, redness = [], []
    for photo in tqdm(photos, title, unit=" photos"):
        seen = lightness_on_film(photo[None], tf.constant([sensitivity]))[0]
        chroma = predict_chroma(model, np.clip(seen, 0, 100).astype(np.float32), fast=True)
        errors.append(np.mean((chroma - photo[..., 1:]) ** 2))
        redness.append(middle(chroma)[..., 0].mean())
    return {
        "ab_mse": bootstrap_interval(np.array(errors), seed=0),
        "a": bootstrap_interval(np.array(redness), seed=0),
    }


def measure(model: keras.Model, records: list[Path], portraits: Path | None) -> harness.Result:
    """Measure every film on every set, and genuine old portraits as they are."""
    results: harness.Result = {}
    for folder in records:
        photos = load_validation(folder, MOST).photos
        true = np.array([middle(photo[..., 1:])[..., 0].mean() for photo in photos])
        results[folder.name] = {"true": {"a": bootstrap_interval(true, seed=0)}} | {
            film: score(model, photos, sensitivity, f"{folder.name}, {film}")
            for film, sensitivity in FILMS.items()
        }
    if portraits:
        grays = (tile_lightness(photo) for photo in harness.read_photos(portraits))
        redness = [middle(predict_chroma(model, gray, fast=True))[..., 0].mean() for gray in grays]
        results["old portraits"] = {"as they are": {"a": bootstrap_interval(np.array(redness), 0)}}
    return results


def main(
    records: Annotated[list[Path], typer.Argument(help="Folders of records of faces.")],
    portraits: Annotated[
        Path | None, typer.Option(help="Folder or zip of genuine old portraits.")
    ] = None,
    model: harness.ModelOption = None,
    previous: Annotated[
        Path | None, typer.Option(help="The previous network, to measure as well.")
    ] = None,
    output: harness.FileOption = None,
) -> None:
    """Measure colors and the redness of skin on photos as old films saw them."""
    results = measure(colorizer(load_model(model), None), records, portraits)
    if previous:
        before = measure(colorizer(load_model(previous), None), records, portraits)
        results |= {f"{name}, the previous network": films for name, films in before.items()}
    print(markdown_tables.old_film(results))
    harness.write_json(output, results)


if __name__ == "__main__":
    typer.run(main)
