import numpy as np
import pytest
import skimage.data
from tests.support.alone import run_alone

from colorization.export.saved_model import write_saved_model
from colorization.inference.colorize import coloriser
from colorization.inference.model_path import load_model

PHOTO = skimage.data.chelsea()

# What a server does that knows TensorFlow and NumPy.
SERVER = """
import numpy as np
import tensorflow as tf

served = tf.saved_model.load(sys.argv[1]).signatures
photo = tf.constant(np.load(sys.argv[2])[None])
named = dict(photo=photo, strength=tf.constant(1.7), temperature=tf.constant(0.38))
answers = served["serving_default"](photo=photo), served["colorize"](**named)
np.save(sys.argv[3], [answer["colorized"][0] for answer in answers])
print(*sorted(served))
"""


@pytest.fixture(scope="module")
def folder(small_network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served") / "1"
    for _ in range(2):  # the second replaces the first
        write_saved_model(load_model(small_network), folder)
    return folder


@pytest.mark.slow
def test_a_process_without_this_project_colorizes_alike(folder, small_network, tmp_path):
    np.save(tmp_path / "photo.npy", PHOTO)
    printed = run_alone(SERVER, folder, tmp_path / "photo.npy", tmp_path / "answers.npy")
    assert printed.split() == ["chroma", "colorize", "network", "recolor", "serving_default"]
    model = load_model(small_network)
    settings: list[dict] = [{}, {"strength": 1.7, "temperature": 0.38}]
    for answer, setting in zip(np.load(tmp_path / "answers.npy"), settings, strict=True):
        off = np.abs(answer.astype(int) - coloriser(PHOTO, model, **setting)).max(-1)
        assert np.mean(off <= 1) >= 0.999


def test_weights_are_stored_once_and_nothing_is_left_beside(folder, small_network):
    weights = sum(np.prod(weight.shape) for weight in load_model(small_network).weights)
    stored = sum(path.stat().st_size for path in (folder / "variables").glob("*data*"))
    assert 4 * weights <= stored < 5 * weights + 10_000
    assert [path.name for path in folder.parent.iterdir()] == ["1"]
