"""Speed of the networks: inference of one photo and of a batch, and training.

    python -m benchmarks.networks --output docs/build/networks.json

Inference is a compiled call on random lightness in float32; training is one step of the network's
own recipe. All are timed in turns; the figures are medians.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import typer
from docs.build import markdown_tables

from benchmarks import harness
from colorization.models import NETWORKS, flops
from colorization.training.compile import compile_model
from colorization.training.mixed_precision import detect_policy, dtype_policy
from colorization.training.recipes import RECIPES

INFERENCE = [("autoencoder", 128), ("zhang", 128), ("unet", 128), ("zhang", 256), ("unet", 256)]
BATCHES = (1, 32)
TRAINING = ("autoencoder", "zhang", "unet")
TRAINING_SIZE, TRAINING_BATCH = 128, 32

# Millions of parameters, GFLOP and ms of one photo at 256x256, the network alone. They were rebuilt
# from their published code with random weights, and timed on two cores of another machine.
PEERS = {
    "eccv16 (Zhang et al. 2016)": (32.2, 83.5, 415),
    "siggraph17 (Zhang et al. 2017)": (34.2, 202.0, 1352),
    "DDColor-tiny (Kang et al. 2023)": (55.0, 50.3, 627),
    "DDColor-large": (227.9, 133.2, 1200),
}


def inference_call(name: str, size: int, batch: int) -> Callable[[], Any]:
    """Return a compiled call of a network on a batch."""
    call = tf.function(NETWORKS[name](size, 0.9))
    x = tf.random.uniform((batch, size, size, 1), maxval=100.0, seed=0)
    return lambda: tf.nest.map_structure(lambda output: output.numpy(), call(x))


def training_call(name: str, mixed: bool) -> Callable[[], Any]:
    """Return a training step of a network's recipe."""
    with dtype_policy(detect_policy("CPU:0") if mixed else "float32"):
        model = NETWORKS[name](TRAINING_SIZE, 0.9)
    compile_model(model, RECIPES[name], np.ones((256, 256), np.int64), steps=1000)
    shape = (TRAINING_BATCH, TRAINING_SIZE, TRAINING_SIZE)
    x = tf.random.uniform((*shape, 1), maxval=100.0, seed=0)
    y = tf.random.uniform((*shape, 2), -60.0, 60.0, seed=1)
    targets = {"ab": y, "bins": y} if name == "unet" else y
    return partial(model.train_on_batch, x, targets)


def measure(
    what: str, calls: dict[str, Callable[[], Any]], batch: int, turns: int
) -> list[dict[str, Any]]:
    """Time calls in turns, and release their networks."""
    seconds = harness.median_seconds(calls, turns)
    keras.backend.clear_session()
    return [
        {"what": what, "network": name, "batch": batch, "seconds": value,
         "images_per_second": batch / value}
        for name, value in seconds.items()
    ]  # fmt: skip


def main(turns: harness.TurnsOption = 7, output: harness.OutputOption = None) -> None:
    """Measure the speed of the networks."""
    rows = []
    for batch in BATCHES:
        calls = {f"{n} {size}": inference_call(n, size, batch) for n, size in INFERENCE}
        rows += measure("inference", calls, batch, turns if batch == 1 else 3)
    calls = {
        f"{name} 128, {mode}": training_call(name, mixed)
        for name in TRAINING
        for mode, mixed in {"float32": False, "mixed": True}.items()
    }
    rows += measure("training", calls, TRAINING_BATCH, 3)
    gflop = {f"{name} {size}": flops(NETWORKS[name](size, 0.9)) / 1e9 for name, size in INFERENCE}
    results = {"rows": rows, "gflop": gflop, "peers": PEERS}
    print(markdown_tables.networks(results))
    harness.write_json(output, results)


if __name__ == "__main__":
    typer.run(main)
