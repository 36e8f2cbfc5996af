"""What the benchmarks share: timing in turns, a sample photo, options, the JSON file."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import skimage.data
import typer
from PIL import Image

from colorization.files import save_json

Calls = Mapping[str, Callable[[], object]]
Rows = dict[str, dict[str, float]]

TurnsOption = Annotated[int, typer.Option(help="Number of times each candidate is timed.")]
OutputOption = Annotated[Path | None, typer.Option(help="JSON file to write.")]
ContendedOption = Annotated[
    bool, typer.Option("--contended", help="Record that other work runs on this machine.")
]


def time_in_turns(calls: Calls, turns: int) -> dict[str, list[tuple[float, float]]]:
    """Time calls in turns, so that other work on the machine slows all of them alike.

    Returns:
        Wall-clock and CPU seconds of each call in each round, after one round to compile.
    """
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for turn in range(turns + 1):
        for name, call in calls.items():
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            if turn:
                seconds[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return seconds


def median_seconds(calls: Calls, turns: int) -> dict[str, float]:
    """Return the median wall-clock seconds of each call, timed in turns."""
    timed = time_in_turns(calls, turns)
    return {name: median(wall for wall, _ in rounds) for name, rounds in timed.items()}


def sample_photo(height: int, width: int) -> np.ndarray:
    """Return scikit-image's astronaut as `(height, width, 3)` uint8 sRGB."""
    image = Image.fromarray(skimage.data.astronaut())
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def report(file: Path | None, rows: Rows, table: str, model: Path, contended: bool) -> None:
    """Print a table of measurements of this machine, and write them to a file if one is given."""
    print(f"{model.name}, {os.cpu_count()} cores{', CONTENDED' if contended else ''}\n{table}")
    write_json(file, {"contended": contended, "cores": os.cpu_count(), "rows": rows})


def write_json(file: Path | None, results: Any) -> None:
    """Write results to a JSON file, whose folder is created, if a file is given."""
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_json(file, results)
