"""Speed of the networks, side by side: inference for one photo and for a batch, and training.

    python -m benchmarks.networks --output build/benchmarks/networks.json

All are measured in turns, so that whatever else the machine does hits them alike; the figures are
medians. Inference is a compiled call on random lightness, in float32; training is one step of the
network's own recipe. The ratio to read is that of `unet` to `zhang` at 256x256.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from colorization.models import NETWORKS, flops
from colorization.training.compile import compile_model
from colorization.training.mixed_precision import detect_policy, dtype_policy
from colorization.training.recipes import RECIPES

INFERENCE = [("autoencoder", 128), ("zhang", 128), ("unet", 128), ("zhang", 256), ("unet", 256)]
BATCHES = (1, 32)
TRAINING = ("autoencoder", "zhang", "unet")
TRAINING_SIZE, TRAINING_BATCH = 128, 32

# Of the network alone at 256x256, one photo, on two other shared cores, in ms: for orientation. The
# peers were rebuilt from their published code with random weights, beside the first row.
PEERS = {
    "eccv16 (Zhang et al. 2016)": (32.2, 83.5, 415),
    "siggraph17 (Zhang et al. 2017)": (34.2, 202.0, 1352),
    "DDColor-tiny (Kang et al. 2023)": (55.0, 50.3, 627),
    "DDColor-large": (227.9, 133.2, 1200),
}


def inference(name: str, size: int, batch: int) -> Callable[[], Any]:
    """Return a compiled call of a network on a batch."""
    call = tf.function(NETWORKS[name](size, 0.9))
    x = tf.random.uniform((batch, size, size, 1), maxval=100.0, seed=0)
    return lambda: tf.nest.map_structure(lambda answer: answer.numpy(), call(x))


def training(name: str, mixed: bool) -> Callable[[], Any]:
    """Return a step of a network's recipe."""
    with dtype_policy(detect_policy("CPU:0") if mixed else "float32"):
        model = NETWORKS[name](TRAINING_SIZE, 0.9)
    compile_model(model, RECIPES[name], np.ones((256, 256), np.int64), steps=1000)
    shape = (TRAINING_BATCH, TRAINING_SIZE, TRAINING_SIZE)
    x = tf.random.uniform((*shape, 1), maxval=100.0, seed=0)
    y = tf.random.uniform((*shape, 2), -60.0, 60.0, seed=1)
    targets = {"ab": y, "bins": y} if name == "unet" else y
    return lambda: model.train_on_batch(x, targets)


def in_turns(calls: dict[str, Callable[[], Any]], turns: int) -> dict[str, float]:
    """Time calls one after the other, several times over; return median seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(turns + 1):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if turn:  # the first one compiles
                seconds[name].append(time.perf_counter() - started)
    return {name: median(values) for name, values in seconds.items()}


def main() -> None:
    """Measure, print a table, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path)
    parser.add_argument("--turns", type=int, default=7)
    options = parser.parse_args()
    rows = []
    for batch in BATCHES:
        calls = {f"{n} {size}": inference(n, size, batch) for n, size in INFERENCE}
        for key, seconds in in_turns(calls, options.turns if batch == 1 else 3).items():
            rows.append({"what": "inference", "network": key, "batch": batch, "seconds": seconds})
        keras.backend.clear_session()
    modes = {"float32": False, "mixed": True}
    calls = {f"{n} 128, {mode}": training(n, on) for n in TRAINING for mode, on in modes.items()}
    for key, seconds in in_turns(calls, 3).items():
        row = {"what": "training", "network": key, "batch": TRAINING_BATCH, "seconds": seconds}
        rows.append(row)
    print("| | network | batch | ms | images/s |\n|---|---|---:|---:|---:|")
    for row in rows:
        row["images_per_second"] = row["batch"] / row["seconds"]
        print(
            f"| {row['what']} | {row['network']} | {row['batch']} | {1e3 * row['seconds']:.1f} "
            f"| {row['images_per_second']:.1f} |"
        )
    costs = {f"{n} {size}": flops(NETWORKS[n](size, 0.9)) / 1e9 for n, size in INFERENCE}
    print("\nGFLOP:", ", ".join(f"{name} {cost:.2f}" for name, cost in costs.items()))
    print("\n| peer | M parameters | GFLOP | ms at 256x256, elsewhere |\n|---|---:|---:|---:|")
    for name, (parameters, cost, ms) in PEERS.items():
        print(f"| {name} | {parameters} | {cost} | {ms} |")
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        measured = {"rows": rows, "gflop": costs, "peers": PEERS}
        options.output.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main()
