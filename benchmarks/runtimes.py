"""Speed, size and agreement of a network's exports on every runtime.

    python -m benchmarks.runtimes models/deep-colorization.keras --output build/runtimes.json

Exports the model and colorizes one photo at 256, 512 and 1024 pixels with each, batch 1, in turns;
the median counts. Agreement is the share of pixels that differ from those of `coloriser` by one
level at most. Start-up is the time from a fresh process to its first colored photo.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tensorflow as tf
import typer
from docs.build import markdown_tables

from benchmarks import harness
from colorization.inference.colorize import coloriser
from colorization.inference.model_path import load_model
from colorization.inference.predictor import Predictor, keras_predictor
from colorization.inference.preprocess import plan_resize, resize_and_pad
from deepcolor.colorize.onnx_network import export_path, open_onnx
from deepcolor.export.export_model import export_model, load_colorize

SIDES = (256, 512, 1024)
Colorizer = Callable[[np.ndarray], Any]

FILES = {
    "coloriser, ONNX Runtime": "{}-network.onnx",
    "ONNX, colorize": "{}-colorize.onnx",
    "ONNX, colorize-small": "{}-colorize-small.onnx",
    "SavedModel": "1",
}
STARTS = {
    "coloriser, Keras": """
from colorization import coloriser
coloriser(photo, model)""",
    "coloriser, ONNX Runtime": """
from pathlib import Path
from colorization.inference.colorize import coloriser
from deepcolor.colorize.onnx_network import open_exported
coloriser(photo, open_exported(Path(model)))""",
    "SavedModel": """
import tensorflow as tf
serve = tf.saved_model.load(saved_model + "/1").signatures["serving_default"]
serve(photo=tf.constant(photo[None]))""",
    "ONNX, colorize": """
import onnxruntime
session = onnxruntime.InferenceSession(onnx)
none = np.zeros((0, 5), np.float32)
fed = {"photo": photo[None], "strength": one, "temperature": zero, "hints": none}
session.run(None, fed)""",
}


def open_colorizers(model: Path, folder: Path) -> dict[str, Colorizer]:
    """Open everything that colorizes whole photos."""
    network = keras_predictor(load_model(model))
    onnx = open_onnx(export_path(model, "network", folder))
    served = tf.saved_model.load(str(saved_model(model, folder) / "1")).signatures["colorize"]
    one, none = tf.constant(1.0), tf.zeros([0, 5])
    colorizers: dict[str, Colorizer] = {
        "coloriser, Keras": lambda photo: coloriser(photo, network),
        "coloriser, ONNX Runtime": lambda photo: coloriser(photo, onnx),
        "SavedModel": lambda photo: served(
            photo=tf.constant(photo[None]), strength=one, temperature=one * 0, hints=none
        )["colorized"].numpy()[0],
    }
    for graph in ("colorize", "colorize-small"):
        colorizers[f"ONNX, {graph}"] = open_graph(export_path(model, graph, folder))
    return colorizers


def open_graph(path: Path) -> Colorizer:
    """Open an ONNX graph from photos to photos, for one photo."""
    colorize = load_colorize(path)
    return lambda photo: colorize(photo[None])[0]


def open_networks(model: Path, folder: Path) -> dict[str, Colorizer]:
    """Open every network, without the recoloring of the photo at its full size."""

    def chroma_of(network: Predictor) -> Colorizer:
        return lambda photo: network.chroma(resize_and_pad(photo, plan_resize(photo.shape)))

    return {
        "network alone, Keras": chroma_of(keras_predictor(load_model(model))),
        "network alone, ONNX": chroma_of(open_onnx(export_path(model, "network", folder))),
        "network alone, ONNX small": chroma_of(
            open_onnx(export_path(model, "network-small", folder))
        ),
    }


def start(code: str, model: Path, folder: Path) -> None:
    """Colorize a photo in a fresh process."""
    names = {
        "model": str(model),
        "saved_model": str(saved_model(model, folder)),
        "onnx": str(export_path(model, "colorize", folder)),
    }
    lines = ["import numpy as np"]
    lines += ["one, zero = np.array(1, np.float32), np.array(0, np.float32)"]
    lines += [f"{name} = {value!r}" for name, value in names.items()]
    lines.append("photo = np.zeros((256, 256, 3), np.uint8)")
    command = [sys.executable, "-c", "\n".join(lines) + code]
    subprocess.run(command, check=True, capture_output=True)


def saved_model(model: Path, folder: Path) -> Path:
    """Return the folder that TensorFlow Serving takes."""
    return folder / f"{model.stem}-saved-model"


def measure(model: Path, turns: int) -> harness.Rows:
    """Export a model, and measure each runtime."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # `open_exported` looks beside the model.
        copy = folder / model.name
        copy.write_bytes(model.read_bytes())
        sizes = {made.path.name: made.size for made in export_model(copy, folder)}
        colorizers = open_colorizers(copy, folder)
        rows = {way: {"agreement": share} for way, share in agreements(copy, colorizers).items()}
        for side in SIDES:
            for way, seconds in time_on_photo(side, colorizers, turns).items():
                rows[way][f"seconds_{side}"] = seconds
        alone = time_on_photo(256, open_networks(copy, folder), turns)
        rows |= {way: {"seconds_256": seconds} for way, seconds in alone.items()}
        starts = {way: partial(start, code, copy, folder) for way, code in STARTS.items()}
        for way, seconds in harness.median_seconds(starts, min(turns, 5)).items():
            rows[way]["seconds_start"] = seconds
    for way, file in FILES.items():
        rows[way]["bytes"] = sizes[file.format(model.stem)]
    rows["coloriser, Keras"]["bytes"] = model.stat().st_size
    return rows


def time_on_photo(side: int, colorizers: dict[str, Colorizer], turns: int) -> dict[str, float]:
    """Return the median seconds of each colorizer on a square photo."""
    photo = harness.sample_photo(side, side)
    calls = {name: partial(colorize, photo) for name, colorize in colorizers.items()}
    return harness.median_seconds(calls, turns)


def agreements(model: Path, colorizers: dict[str, Colorizer]) -> dict[str, float]:
    """Return the share of pixels that differ by one level at most from `coloriser`'s."""
    photo = harness.sample_photo(512, 512)
    expected = coloriser(photo, load_model(model)).astype(int)
    return {
        name: float(np.mean(np.abs(colorize(photo) - expected).max(-1) <= 1))
        for name, colorize in colorizers.items()
    }


def main(
    model: Annotated[Path, typer.Argument(help="A .keras file.")],
    turns: harness.TurnsOption = 15,
    output: harness.OutputOption = None,
    contended: harness.ContendedOption = False,
) -> None:
    """Measure a network's exports on every runtime."""
    rows = measure(model, turns)
    harness.report(output, rows, markdown_tables.runtimes({"rows": rows}), model, contended)


if __name__ == "__main__":
    typer.run(main)
