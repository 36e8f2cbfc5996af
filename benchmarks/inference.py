"""Where the time of colorizing goes, and how much memory a large photo takes.

    python -m benchmarks.inference --output build/benchmarks/inference.json

Stages and whole calls are timed in turns in this process; the median counts. Start-up and memory
are measured in fresh processes. A network exported beside the model (`deepcolor export`) is
measured, too.
"""

import io
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import typer
from PIL import Image
from skimage.color import lab2rgb, rgb2lab
from skimage.transform import resize

from benchmarks import harness
from colorization.inference.colorize import coloriser, load_model
from colorization.inference.model_path import default_model_path
from colorization.inference.predictor import Predictor, keras_predictor
from colorization.inference.preprocess import plan_resize, resize_and_pad, unpad
from colorization.inference.recolor import recolor
from deepcolor.colorize.encode import encode_photo
from deepcolor.colorize.onnx_network import open_exported
from deepcolor.colorize.photo_file import read_photo_file

SIDE = 1024
SHAPES = ((256, 256), (1080, 1920), (3000, 4000))
LARGE = (6124, 8165)  # 50 megapixels


def measure(calls: harness.Calls, turns: int) -> harness.Rows:
    """Time calls in turns, in milliseconds."""
    return {
        name: {
            "median_ms": 1e3 * median(wall for wall, _ in rounds),
            "least_ms": 1e3 * min(wall for wall, _ in rounds),
            "cpu_ms": 1e3 * median(cpu for _, cpu in rounds),
        }
        for name, rounds in harness.time_in_turns(calls, turns).items()
    }


def stage_rows(model: Any, onnx: Predictor | None, turns: int) -> harness.Rows:
    """Measure each stage of a gray and of a color photo of 1024x1024."""
    color = harness.sample_photo(SIDE, SIDE)
    gray = np.asarray(Image.fromarray(color).convert("L"))
    frame, network = plan_resize(gray.shape), keras_predictor(model)
    lightness = resize_and_pad(gray, frame)
    chroma = unpad(network.chroma(lightness), frame)
    file = io.BytesIO()
    Image.fromarray(gray).save(file, "JPEG")
    jpeg = file.getvalue()
    picture = read_photo_file(jpeg)
    calls: dict[str, Callable[[], object]] = {
        "read JPEG": lambda: read_photo_file(jpeg),
        "reduce, gray": lambda: resize_and_pad(gray, frame),
        "reduce, color": lambda: resize_and_pad(color, frame),
        "network": lambda: network.chroma(lightness),
        "network by model.predict": lambda: model.predict(lightness[None, ..., None], verbose=0),
        "compose": lambda: recolor(gray, chroma, 1),
        "write JPEG": lambda: encode_photo(color, picture, "JPEG"),
        "write PNG": lambda: encode_photo(color, picture, "PNG"),
        "coloriser, gray": lambda: coloriser(gray, model),
        "coloriser, color": lambda: coloriser(color, model),
        "coloriser, fast": lambda: coloriser(gray, model, fast=True),
        "coloriser, strength 3": lambda: coloriser(gray, model, strength=3),
        "skimage's conversions alone": lambda: convert_with_skimage(color, chroma),
    }
    if onnx:
        calls["network, ONNX Runtime"] = lambda: onnx.chroma(lightness)
        calls["coloriser, gray, ONNX Runtime"] = lambda: coloriser(gray, onnx)
    if not isinstance(model.output_shape, tuple):
        calls["coloriser, temperature 0.38"] = lambda: coloriser(gray, model, temperature=0.38)
    return measure(calls, turns)


def convert_with_skimage(rgb: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Convert a whole photo to Lab and back with skimage, which clips each channel."""
    lightness = rgb2lab(rgb)[..., :1]
    large = resize(chroma, rgb.shape[:2], order=3)
    return lab2rgb(np.concatenate([lightness, large], axis=-1))


def size_rows(model: Any, turns: int) -> harness.Rows:
    """Measure whole calls on gray photos of several sizes."""
    calls = {
        f"coloriser, {width}x{height}": partial(
            coloriser, harness.sample_photo(height, width)[..., 0], model
        )
        for height, width in SHAPES
    }
    return measure(calls, turns)


def memory_row(model: Path) -> harness.Rows:
    """Measure 50 megapixels in a fresh process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        return {"50 megapixels in color": fresh.submit(colorize_large_photo, model).result()}


def colorize_large_photo(model: Path) -> dict[str, float]:
    """Colorize 50 megapixels in this process."""
    network = load_model(model)
    photo = harness.sample_photo(*LARGE)
    before = peak_memory()
    started = time.perf_counter()
    coloriser(photo, network)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "peak_gb": peak_memory(), "gb_before": before}


def peak_memory() -> float:
    """Return the peak memory of this process, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def command_rows(model: Path, turns: int) -> harness.Rows:
    """Measure the whole command with one small photo, and with nothing to do."""
    deepcolor = Path(sys.executable).with_name("deepcolor")
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder, "photo.png")
        Image.fromarray(harness.sample_photo(256, 256)[..., 0]).save(photo)
        alone = shutil.copy(model, folder)  # without an exported network beside it
        one = [deepcolor, "colorize", photo, "-o", Path(folder, "o.png"), "-f", "--model"]
        commands = {
            "command, one photo, Keras": [*one, alone],
            "command, --help": [deepcolor, "colorize", "--help"],
        }
        if open_exported(model):
            commands["command, one photo, ONNX"] = [*one, model]
        calls = {
            name: partial(subprocess.run, command, check=True, capture_output=True)
            for name, command in commands.items()
        }
        seconds = harness.median_seconds(calls, turns)
    return {name: {"median_ms": 1e3 * value} for name, value in seconds.items()}


def main(
    model: Annotated[Path | None, typer.Option(help="A .keras file; the default model.")] = None,
    turns: harness.TurnsOption = 9,
    output: harness.OutputOption = None,
    contended: harness.ContendedOption = False,
) -> None:
    """Measure time and memory of colorizing."""
    path = model or default_model_path()
    network = load_model(path)
    rows = stage_rows(network, open_exported(path), turns) | size_rows(network, turns)
    rows |= memory_row(path) | command_rows(path, min(turns, 3))
    lines = (
        f"{name:32}" + "".join(f"{key} {value:8.2f}  " for key, value in row.items())
        for name, row in rows.items()
    )
    harness.report(output, rows, "\n".join(lines), path, contended)


if __name__ == "__main__":
    typer.run(main)
