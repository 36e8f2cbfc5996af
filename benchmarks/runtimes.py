"""Speed, size and agreement of a network's exports on every runtime, side by side.

    python -m benchmarks.runtimes models/deep-colorization.keras --output build/runtimes.json

Exports the model and colorizes one photo at 256, 512 and 1024 pixels with each: from pixels to
pixels, batch 1, taking turns within one run; the median counts. Agreement is the share of pixels
that are at most a level off those of `coloriser`. Start-up is that of a fresh process, from nothing
to the first photo in color. On a machine that does other things, say so with `--contended`.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import skimage.data
import tensorflow as tf
import typer
from PIL import Image

from colorization.inference.colorize import coloriser
from colorization.inference.model_path import load_model
from colorization.inference.predictor import Predictor, keras_predictor
from colorization.inference.preprocess import plan_resize, resize_and_pad
from deepcolor.colorize.onnx_network import export_path, open_onnx, open_session
from deepcolor.export.export_model import export_model

SIDES = (256, 512, 1024)
Way = Callable[[np.ndarray], Any]

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
from deepcolor.colorize.onnx_network import exported_network
coloriser(photo, exported_network(Path(model)))""",
    "SavedModel": """
import tensorflow as tf
serve = tf.saved_model.load(saved_model + "/1").signatures["serving_default"]
serve(photo=tf.constant(photo[None]))""",
    "ONNX, colorize": """
import onnxruntime
session = onnxruntime.InferenceSession(onnx)
session.run(None, {"photo": photo[None], "strength": one, "temperature": zero})""",
}


def photo_of(side: int) -> np.ndarray:
    """Make a square photo of a public one."""
    image = Image.fromarray(skimage.data.astronaut())
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))


def ways_of(model: Path, folder: Path) -> dict[str, Way]:
    """Open everything that goes from photos to photos."""
    network = keras_predictor(load_model(model))
    light = open_onnx(export_path(model, "network", folder))
    served = tf.saved_model.load(str(saved_model(model, folder) / "1")).signatures["colorize"]
    one = tf.constant(1.0)
    ways: dict[str, Way] = {
        "coloriser, Keras": lambda photo: coloriser(photo, network),
        "coloriser, ONNX Runtime": lambda photo: coloriser(photo, light),
        "SavedModel": lambda photo: served(
            photo=tf.constant(photo[None]), strength=one, temperature=one * 0
        )["colorized"].numpy()[0],
    }
    for graph in ("colorize", "colorize-small"):
        ways[f"ONNX, {graph}"] = onnx_way(export_path(model, graph, folder))
    return ways


def onnx_way(path: Path) -> Way:
    """Open a graph from photos to photos."""
    session = open_session(path)
    scalars = {"strength": np.array(1, np.float32), "temperature": np.array(0, np.float32)}
    return lambda photo: session.run(None, {"photo": photo[None], **scalars})[0][0]


def network_ways(model: Path, folder: Path) -> dict[str, Way]:
    """Open every network, without what colors the photo at its full size."""

    def way(network: Predictor) -> Way:
        return lambda photo: network.chroma(resize_and_pad(photo, plan_resize(photo.shape)))

    return {
        "network alone, Keras": way(keras_predictor(load_model(model))),
        "network alone, ONNX": way(open_onnx(export_path(model, "network", folder))),
        "network alone, ONNX small": way(open_onnx(export_path(model, "network-small", folder))),
    }


def in_turns(calls: dict[str, Callable[[], Any]], turns: int) -> dict[str, float]:
    """Time calls one after the other, several times over; return median seconds."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(turns + 1):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if turn:  # the first one compiles
                spent[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in spent.items()}


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


def measured(model: Path, turns: int) -> dict[str, dict[str, float]]:
    """Export a model and measure; seconds by side, agreement, bytes and start-up of each way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # `open_exported` looks beside the model.
        copy = folder / model.name
        copy.write_bytes(model.read_bytes())
        sizes = {made.path.name: made.size for made in export_model(copy, folder)}
        ways = ways_of(copy, folder)
        rows = {way: {"agreement": share} for way, share in agreements(copy, ways).items()}
        for side in SIDES:
            for way, seconds in in_turns(on(photo_of(side), ways), turns).items():
                rows[way][f"seconds_{side}"] = seconds
        alone = in_turns(on(photo_of(256), network_ways(copy, folder)), turns)
        rows |= {way: {"seconds_256": seconds} for way, seconds in alone.items()}
        starts = {way: partial(start, code, copy, folder) for way, code in STARTS.items()}
        for way, seconds in in_turns(starts, min(turns, 5)).items():
            rows[way]["seconds_start"] = seconds
    for way, file in FILES.items():
        rows[way]["bytes"] = sizes[file.format(model.stem)]
    rows["coloriser, Keras"]["bytes"] = model.stat().st_size
    return rows


def on(photo: np.ndarray, ways: dict[str, Way]) -> dict[str, Callable[[], Any]]:
    """Give every way a photo."""
    return {name: partial(way, photo) for name, way in ways.items()}


def agreements(model: Path, ways: dict[str, Way]) -> dict[str, float]:
    """Return the share of pixels of each way that are at most a level off `coloriser`'s."""
    photo = photo_of(512)
    expected = coloriser(photo, load_model(model)).astype(int)
    return {
        name: float(np.mean(np.abs(way(photo) - expected).max(-1) <= 1))
        for name, way in ways.items()
    }


def table(rows: dict[str, dict[str, float]]) -> str:
    """Write the figures as a table."""
    heads = [f"{side} px, ms" for side in SIDES]
    lines = ["| | " + " | ".join([*heads, "start, ms", "MB", "within a level"]) + " |"]
    lines.append("|---" * 7 + "|")
    for name, row in rows.items():
        spent = [row.get(f"seconds_{key}") for key in (*SIDES, "start")]
        cells = ["" if value is None else f"{1e3 * value:.0f}" for value in spent]
        cells.append(f"{row['bytes'] / 1e6:.1f}" if "bytes" in row else "")
        cells.append(f"{row['agreement']:.2%}" if "agreement" in row else "")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(
    model: Annotated[Path, typer.Argument(help="A .keras file.")],
    turns: Annotated[int, typer.Option(help="Turns of each comparison.")] = 15,
    output: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
    contended: Annotated[bool, typer.Option("--contended", help="Other work is going on.")] = False,
) -> None:
    """Measure everything and print it."""
    rows = measured(model, turns)
    print(f"{model.name}, {os.cpu_count()} cores" + (", CONTENDED" if contended else ""))
    print(table(rows))
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        content = {"contended": contended, "cores": os.cpu_count(), "rows": rows}
        output.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
