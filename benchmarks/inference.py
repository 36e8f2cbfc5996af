"""Where the time of colorizing goes, and how much memory a large photo needs.

    python -m benchmarks.inference --output build/benchmarks/inference.json

Stages and whole calls take turns within one run, in process, and the median counts; start-up and
memory are of fresh processes. What was exported beside the model (`deepcolor export`) is measured,
too. On a machine that does other things, say so with `--contended`.
"""

import json
import os
import resource
import shutil
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
import typer
from PIL import Image
from skimage.color import lab2rgb, rgb2lab
from skimage.transform import resize

from colorization.inference.colorize import coloriser, load_model
from colorization.inference.predictor import Predictor, keras_predictor
from colorization.inference.preprocess import plan_resize, resize_and_pad, unpad
from colorization.inference.recolor import recolor
from deepcolor.colorize.encode import encode_photo
from deepcolor.colorize.onnx_network import open_exported
from deepcolor.colorize.photo_file import read_photo_file

SIDE = 1024
LARGE = (6124, 8165)  # 50 megapixels


def photo_of(height: int, width: int) -> np.ndarray:
    """Make a color photo of any size of a public one."""
    image = Image.fromarray(skimage.data.astronaut())
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def measured(ways: dict[str, Callable[[], object]], turns: int) -> dict[str, dict[str, float]]:
    """Let every way take its turn; the first round, which compiles, does not count."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(turns + 1):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            way()
            if turn:
                spent[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {
        name: {
            "median_ms": 1e3 * statistics.median(wall for wall, _ in times),
            "least_ms": 1e3 * min(wall for wall, _ in times),
            "cpu_ms": 1e3 * statistics.median(cpu for _, cpu in times),
        }
        for name, times in spent.items()
    }


def stage_rows(model: Any, light: Predictor | None, turns: int) -> dict[str, dict[str, float]]:
    """Measure each stage of a gray and of a color photo of 1024x1024."""
    color = photo_of(SIDE, SIDE)
    gray = np.asarray(Image.fromarray(color).convert("L"))
    frame, network = plan_resize(gray.shape), keras_predictor(model)
    lightness = resize_and_pad(gray, frame)
    chroma = unpad(network.chroma(lightness), frame)
    files = {}
    for form in ("JPEG", "PNG"):
        with tempfile.SpooledTemporaryFile() as file:
            Image.fromarray(gray).save(file, form)
            file.seek(0)
            files[form] = file.read()
    picture = read_photo_file(files["JPEG"])
    ways: dict[str, Callable[[], object]] = {
        "read JPEG": lambda: read_photo_file(files["JPEG"]),
        "reduce, gray": lambda: resize_and_pad(gray, frame),
        "reduce, color": lambda: resize_and_pad(color, frame),
        "network": lambda: network.chroma(lightness),
        "network by model.predict": lambda: model.predict(lightness[None, ..., None], verbose=0),
        "compose": lambda: recolor(gray, chroma, 1),
        "write JPEG": lambda: encode_photo(color, picture, "JPEG"),
        "write PNG": lambda: encode_photo(color, picture, "PNG"),
        "coloriser, gray": lambda: coloriser(gray, model),
        "coloriser, color": lambda: coloriser(color, model),
        "coloriser, quality": lambda: coloriser(gray, model, tta=True),
        "coloriser, strength 3": lambda: coloriser(gray, model, strength=3),
        "skimage's conversions alone": lambda: as_others_do(color, chroma),
    }
    if light:
        ways["network, ONNX Runtime"] = lambda: light.chroma(lightness)
        ways["coloriser, gray, ONNX Runtime"] = lambda: coloriser(gray, light)
    if not isinstance(model.output_shape, tuple):
        ways["coloriser, temperature 0.38"] = lambda: coloriser(gray, model, temperature=0.38)
    return measured(ways, turns)


def as_others_do(rgb: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Convert a whole photo to Lab and back with skimage, clipping channels."""
    lightness = rgb2lab(rgb)[..., :1]
    large = resize(chroma, rgb.shape[:2], order=3)
    return lab2rgb(np.concatenate([lightness, large], axis=-1))


def size_rows(model: Any, turns: int) -> dict[str, dict[str, float]]:
    """Measure whole calls on gray photos of several sizes."""
    shapes = [(256, 256), (1080, 1920), (3000, 4000)]
    photos = {shape: photo_of(*shape)[..., 0] for shape in shapes}
    ways = {
        f"coloriser, {shape[1]}x{shape[0]}": lambda photo=photo: coloriser(photo, model)
        for shape, photo in photos.items()
    }
    return measured(ways, turns)


def memory_row(model: Path) -> dict[str, dict[str, float]]:
    """Measure 50 megapixels in a process of its own."""
    command = [sys.executable, __file__, "--model", str(model), "--only-large"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {"50 megapixels in color": found}


def large_photo(model: Path) -> dict[str, float]:
    """Colorize 50 megapixels in this process."""
    network = load_model(model)
    photo = photo_of(*LARGE)
    before = peak()
    started = time.perf_counter()
    coloriser(photo, network)
    return {"seconds": time.perf_counter() - started, "peak_gb": peak(), "gb_before": before}


def peak() -> float:
    """Return the most memory that this process ever had, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def command_rows(model: Path, turns: int) -> dict[str, dict[str, float]]:
    """Measure the command from start to end, with one small photo and with nothing to do."""
    deepcolor = Path(sys.executable).with_name("deepcolor")
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder, "photo.png")
        Image.fromarray(photo_of(256, 256)[..., 0]).save(photo)
        alone = shutil.copy(model, folder)  # nothing is exported beside it
        one = [deepcolor, "colorize", photo, "-o", Path(folder, "o.png"), "-f", "--model"]
        commands = {
            "command, one photo, Keras": [*one, alone],
            "command, --help": [deepcolor, "colorize", "--help"],
        }
        if open_exported(model):
            commands["command, one photo, ONNX"] = [*one, model]
        ways: dict[str, Callable[[], object]] = {
            name: partial(subprocess.run, command, check=True, capture_output=True)
            for name, command in commands.items()
        }
        rows = measured(ways, turns)
    return {
        name: {"median_ms": row["median_ms"], "least_ms": row["least_ms"]}
        for name, row in rows.items()
    }


def main(
    model: Annotated[Path | None, typer.Option(help="A .keras file; the default model.")] = None,
    turns: Annotated[int, typer.Option(help="Turns of each comparison.")] = 9,
    output: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
    contended: Annotated[bool, typer.Option("--contended", help="Other work is going on.")] = False,
    only_large: Annotated[bool, typer.Option("--only-large", hidden=True)] = False,
) -> None:
    """Measure everything and print it."""
    from colorization.inference.model_path import default_model_path

    path = model or default_model_path()
    if only_large:
        print(json.dumps(large_photo(path)))
        return
    network = load_model(path)
    rows = stage_rows(network, open_exported(path), turns) | size_rows(network, turns)
    rows |= memory_row(path) | command_rows(path, min(turns, 3))
    print(f"{path.name}, {os.cpu_count()} cores" + (", CONTENDED" if contended else ""))
    for name, row in rows.items():
        print(f"{name:32}" + "".join(f"{key} {value:8.2f}  " for key, value in row.items()))
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        content = {"contended": contended, "cores": os.cpu_count(), "rows": rows}
        output.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
