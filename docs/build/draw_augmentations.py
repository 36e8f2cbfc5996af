"""Draw docs/images/augmentations.png, or time the augmentations.

    python -m docs.build.draw_augmentations            # the picture
    python -m docs.build.draw_augmentations --times    # milliseconds per batch, as a Markdown table

The photo is scikit-image's astronaut (Eileen Collins, NASA, public domain).
"""

import io
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import typer
from benchmarks.harness import median_seconds
from PIL import Image
from skimage.color import rgb2lab
from skimage.data import astronaut

from colorization.augment import Augmentation, augment
from colorization.color.lab import reconstituer_image
from docs.build.markdown_tables import markdown

PICTURE = Path(__file__).parents[1] / "images" / "augmentations.png"
SIZE = 128
BATCH = 32
COLUMNS = 5

GEOMETRY = [
    ("flip", Augmentation(flip=1.0)),
    ("rotation", Augmentation(rotation=20)),
    ("crop", Augmentation(crop=0.4)),
    ("stretch", Augmentation(stretch=0.4)),
]
LIGHTNESS = [
    ("emulsion", Augmentation(emulsion=1.0)),
    ("blur", Augmentation(blur=2.0)),
    ("gamma", Augmentation(gamma=1.0)),
    ("contrast", Augmentation(contrast=0.6)),
    ("lightness", Augmentation(lightness=25)),
    ("grain", Augmentation(grain=6)),
    ("fading", Augmentation(fading=0.7)),
    ("halftone", Augmentation(halftone=1.0)),
]
AGE = Augmentation(emulsion=1.0, blur=0.8, gamma=0.4, contrast=0.2, grain=4, fading=0.5)
ALL = replace(AGE, flip=0.5, rotation=10, crop=0.2, lightness=8)


def to_square_lab(photo: np.ndarray) -> np.ndarray:
    """Return a square photo as `(1, 128, 128, 3)` float32 Lab."""
    resized = Image.fromarray(photo).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    return rgb2lab(np.asarray(resized))[None].astype(np.float32)


def portrait() -> np.ndarray:
    """Return the astronaut's face as `(1, 128, 128, 3)` float32 Lab, above her red suit."""
    return to_square_lab(astronaut()[:224, 106:330])


def draw_strong(lab: np.ndarray, settings: Augmentation) -> np.ndarray:
    """Augment a photo 16 times, and return the result with the fourth largest change."""
    drawn = augment(settings, seed=0)(np.repeat(lab, 16, axis=0)).numpy()
    change = np.abs(drawn - lab).mean(axis=(1, 2, 3))
    return drawn[np.argsort(change)[-4]]


def show(axes: plt.Axes, lab: np.ndarray, title: str = "", gray: bool = False) -> None:
    shown = lab * [1, 0, 0] if gray else lab
    axes.imshow(reconstituer_image(shown[..., :1], shown[..., 1:]))
    axes.set_title(title, fontsize=8, pad=2)


def draw() -> plt.Figure:
    """Draw the photo and its augmentations; those of the lightness in gray, too."""
    lab = portrait()
    figure, axes = plt.subplots(5, COLUMNS, figsize=(8.2, 8.4), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    for panel in axes.flat:
        panel.axis("off")
    show(axes[0, 0], lab[0], "the photo")
    for panel, (name, settings) in zip(axes[0, 1:], GEOMETRY, strict=True):
        show(panel, draw_strong(lab, settings), name)
    columns = [*LIGHTNESS, ("aged", AGE), ("everything", ALL)]
    images = {name: draw_strong(lab, settings) for name, settings in columns}
    for place, (name, image) in enumerate(images.items()):
        row, column = 1 + 2 * (place // COLUMNS), place % COLUMNS
        show(axes[row, column], image, name, gray=True)
        show(axes[row + 1, column], image)
    return figure


def save(figure: plt.Figure, path: Path) -> None:
    file = io.BytesIO()
    figure.savefig(file, dpi=120)
    path.parent.mkdir(exist_ok=True)
    # A palette of 256 colors takes a third of the bytes; dithered, it shows no bands.
    picture = Image.open(file).convert("RGB")
    palette = picture.quantize(256, kmeans=2)
    picture.quantize(palette=palette).save(path, optimize=True)


def print_times() -> None:
    """Print the milliseconds that each augmentation adds to a batch in `Dataset.map`."""
    batch = tf.random.stateless_uniform((BATCH, SIZE, SIZE, 3), (0, 0), maxval=100)
    batches = tf.data.Dataset.from_tensors(batch).repeat(10)
    named = [*GEOMETRY, *LIGHTNESS, ("aged", AGE), ("everything", ALL)]
    operations = {"none": lambda lab: lab}
    operations |= {name: augment(settings, seed=0) for name, settings in named}
    # A new iterator each time: an old one works ahead while others are timed.
    calls = {name: partial(list, batches.map(op)) for name, op in operations.items()}
    seconds = median_seconds(calls, turns=5)
    none = seconds.pop("none")
    rows = [[name, f"{100 * (value - none):.0f}"] for name, value in seconds.items()]
    print(markdown(["augmentation", "ms"], rows))


def main(
    times: Annotated[bool, typer.Option("--times", help="Print times instead.")] = False,
) -> None:
    """Draw docs/images/augmentations.png, or time the augmentations."""
    if times:
        print_times()
    else:
        save(draw(), PICTURE)


if __name__ == "__main__":
    typer.run(main)
