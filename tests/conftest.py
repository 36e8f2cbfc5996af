import os

# TensorFlow's start-up chatter hides what a failing test says.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

LONGEST = "test_whole_chain.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest file: beside it, another process does all the others."""
    items.sort(key=lambda item: item.path.name != LONGEST)


@pytest.fixture(scope="session")
def faces(tmp_path_factory) -> Path:
    """Twenty small photos whose color follows their lightness: something to learn."""
    folder = tmp_path_factory.mktemp("faces")
    random = np.random.default_rng(0)
    for index in range(20):
        ramp = np.linspace(0, 1, 24)[:, None] * random.uniform(0.5, 1, size=(1, 16))
        rgb = np.stack([ramp, ramp**2, 1 - ramp], axis=-1)
        Image.fromarray((rgb * 255).astype(np.uint8)).save(folder / f"{index:02d}.jpg")
    return folder


@pytest.fixture(scope="session")
def records(faces, tmp_path_factory) -> Path:
    """The records of `faces`, 32 pixels wide."""
    from colorization.config import Preparation
    from colorization.data.prepare import write_records
    from colorization.data.sources import open_sources
    from colorization.data.splits import split_photos

    folder = tmp_path_factory.mktemp("records")
    splits = split_photos(open_sources([faces], folder)[0], 0.25)
    write_records(splits, folder, Preparation(image_size=32, shard_examples=8))
    return folder


@pytest.fixture(scope="session")
def small_network(tmp_path_factory) -> Path:
    """A network that was never trained: both heads, any size, and colors that leave the gamut."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    lightness = keras.Input((None, None, 1))
    x = layers.Rescaling(1 / 50, offset=-1)(lightness)
    x = layers.Conv2D(32, 7, strides=4, padding="same", activation="relu")(x)
    x = layers.BatchNormalization()(layers.Conv2D(32, 9, strides=8, padding="same")(x))
    x = layers.UpSampling2D(8, interpolation="bilinear")(x)
    ab = layers.UpSampling2D(4, interpolation="bilinear")(layers.Conv2D(2, 3, padding="same")(x))
    heads = {"ab": layers.Rescaling(150.0)(ab), "bins": layers.Conv2D(313, 1)(x)}
    path = tmp_path_factory.mktemp("network") / "small.keras"
    keras.Model(lightness, heads).save(path)
    return path
