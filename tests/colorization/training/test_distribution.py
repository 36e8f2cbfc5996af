import json
import os
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest

from colorization.config import Preparation, Training
from colorization.data.prepare import write_records
from colorization.data.sources import open_sources
from colorization.training.devices import Placement
from colorization.training.distribution import Distribution

WORKER = Path(__file__).parents[2] / "support" / "distributed_worker.py"
WHOLE = 12  # photos of the training split, so that one step sees them all
JAX = {"KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
SENTENCES = {
    "two": "2 CPUs: MirroredStrategy, 6 images on each of a batch of 12",
    "cluster": "worker 1 of 2, 1 CPU in each: MultiWorkerMirroredStrategy, 6 images on each",
    "jax": "2 CPUs: DataParallel, 6 images on each of a batch of 12",
}
TWO_OF_ANYTHING = [
    pytest.param("two", id="two-devices"),
    pytest.param("cluster", id="two-workers"),
    pytest.param(
        "jax",
        id="jax",
        marks=pytest.mark.skipif(not find_spec("jax"), reason="JAX is not installed"),
    ),
]


@pytest.fixture(scope="module")
def halves(faces, tmp_path_factory):
    """Records with two equal training shards, and a validation split that two cannot share."""
    folder = tmp_path_factory.mktemp("halves")
    photos, _ = open_sources([faces], folder)
    splits = {"train": photos[:WHOLE], "validation": photos[WHOLE : WHOLE + 7]}
    write_records(splits, folder, Preparation(image_size=32, shard_examples=WHOLE // 2))
    return folder


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


def environments(devices):
    if devices != "cluster":
        return [JAX if devices == "jax" else {}]
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    tasks = [{"type": "worker", "index": index} for index in range(2)]
    return [{"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})} for task in tasks]


def start(devices, records, output, epochs):
    """Start the processes that train on "one", "two", "cluster" or "jax"; and their logs."""
    command = [sys.executable, str(WORKER), devices, str(records), str(output), str(WHOLE)]
    output.mkdir(exist_ok=True)
    started = []
    for index, environment in enumerate(environments(devices)):
        log = output / f"worker-{index}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [*command, str(epochs)],
                env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1", **environment},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        started.append((process, log))
    return started


def histories(started):
    """Wait for the processes, and return what each of them reports."""
    try:
        ended = [(process.wait(timeout=60), log.read_text()) for process, log in started]
    finally:
        for process, _ in started:
            process.kill()
            process.wait()
    for code, said in ended:
        assert code == 0, said
    # The line alone: a worker that ends before the other may have TensorFlow complain after it.
    return [json.loads(said.split("HISTORY")[1].splitlines()[0]) for _, said in ended]


def approximately(history):
    return {name: pytest.approx(history[name], rel=1e-5) for name in ("loss", "val_loss")}


@pytest.fixture(scope="module")
def one_device(halves, tmp_path_factory):
    """The losses of thirty epochs on one device."""
    return histories(start("one", halves, tmp_path_factory.mktemp("one"), 30))[0]


@pytest.mark.slow
@pytest.mark.parametrize("devices", TWO_OF_ANYTHING)
def test_two_devices_or_workers_or_jax_train_to_the_losses_of_one(
    devices, halves, one_device, tmp_path
):
    """Exact but for rounding: no batch normalization, and every batch is the whole split.

    So the order of the images, which differs, does not matter; that workers read different halves
    does: the same half twice would give other losses.
    """
    for history in histories(start(devices, halves, tmp_path, 4)):
        expected = {name: values[:4] for name, values in one_device.items()}
        assert {name: history[name] for name in ("loss", "val_loss")} == approximately(expected)
    assert SENTENCES[devices] in (tmp_path / "worker-0.log").read_text()
    # Of two workers, one has written.
    files = {path.name for path in tmp_path.iterdir() if path.suffix != ".log"}
    assert files == {"net.keras", "net-history.json"}
    model = keras.saving.load_model(tmp_path / "net.keras")
    assert model.predict_on_batch(np.full((1, 32, 32, 1), 50.0)).shape == (1, 32, 32, 2)


@pytest.mark.slow
@pytest.mark.parametrize("devices", TWO_OF_ANYTHING[:2])
def test_a_distributed_training_that_was_killed_goes_on_where_it_stopped(
    devices, halves, one_device, tmp_path
):
    started = start(devices, halves, tmp_path, 1000)
    while not (saved := list(tmp_path.glob("*/epoch-????.keras"))):
        assert all(process.poll() is None for process, _ in started)
        time.sleep(0.02)
    for process, _ in started:
        process.kill()
        process.wait()
    saved = max(tmp_path.glob("*/epoch-????.keras"))
    epochs = int(saved.stem[-4:]) + 2
    expected = {name: values[:epochs] for name, values in one_device.items()}
    for history in histories(start(devices, halves, tmp_path, epochs)):
        assert {name: history[name] for name in ("loss", "val_loss")} == approximately(expected)


def test_shares_that_cannot_be_equal_are_refused(halves):
    two = Distribution(Placement(devices=("CPU:0", "CPU:1")))
    with pytest.raises(ValueError, match="multiple of 2, the number of devices, received 9"):
        two.fit(None, Training(batch_size=9), halves)
    cluster = Distribution(Placement(workers=2))
    with pytest.raises(ValueError, match="8 images per worker, but one of 2 workers has 6"):
        cluster.fit(None, Training(batch_size=16), halves)
