"""Trains on the devices its first argument names, in a process of its own: for test_distribution.

Devices are set up before TensorFlow or JAX starts, so each set needs a new process. What several
workers are and which backend is used comes in the environment.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from colorization.config import Training
from colorization.training.devices import MIRRORED, Placement
from colorization.training.distribution import Distribution, find_placement
from colorization.training.train import train


def network(image_size: int, batch_norm_momentum: float) -> keras.Model:
    """Build a small network without batch normalization; its weights are the same everywhere."""
    model = keras.Sequential(
        [
            keras.Input((image_size, image_size, 1)),
            layers.Rescaling(1 / 50, offset=-1),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.Conv2D(2, 3, padding="same"),
            layers.Rescaling(128.0),
        ]
    )
    random = np.random.default_rng(0)
    model.set_weights([random.normal(0, 0.2, weight.shape) for weight in model.get_weights()])
    return model


def two_devices() -> Placement:
    cpu = tf.config.list_physical_devices("CPU")[0]
    halves = [tf.config.LogicalDeviceConfiguration() for _ in range(2)]
    tf.config.set_logical_device_configuration(cpu, halves)
    return Placement(MIRRORED, ("CPU:0", "CPU:1"))


if __name__ == "__main__":
    devices, records, output, batch_size, epochs = sys.argv[1:]
    placement = two_devices() if devices == "two" else find_placement()
    print(placement.sentence(int(batch_size)), flush=True)
    config = Training(name="net", epochs=int(epochs), batch_size=int(batch_size))
    history = train(config, Path(records), Path(output), Distribution(placement), network)
    print("HISTORY", json.dumps(history))
