import subprocess
import sys

import numpy as np
import pytest
import skimage.data

from colorization.export.signatures import build_signatures
from colorization.inference.colorize import coloriser
from colorization.inference.model_path import load_model
from deepcolor.colorize.onnx_network import export_path, open_exported, open_onnx
from deepcolor.export.export_model import export_model

COFFEE = skimage.data.coffee()


@pytest.fixture(scope="module")
def model(exported):
    return exported.model


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"temperature": 0.38},
        {"strength": 1.5, "fast": True},
        {"temperature": 1.0, "fast": True, "dtype": np.uint16},
    ],
)
def test_coloriser_gives_the_same_colors_on_either_runtime(model, settings):
    for photo in (COFFEE, COFFEE[:77, :41, 0]):
        expected = coloriser(photo, load_model(model), **settings).astype(int)
        level = 257 if expected.max() > 255 else 1
        for threads in (0, 1):
            network = open_onnx(export_path(model, "network"), threads)
            off = np.abs(coloriser(photo, network, **settings) - expected).max(-1)
            assert np.mean(off <= level) >= 0.999


def test_hints_are_followed_on_either_runtime(hinted_model, tmp_path):
    *_, export = export_model(hinted_model, tmp_path, kinds=["network"])
    hints = [(100, 200, (200, 40, 30)), (300, 90, (30, 60, 180))]
    expected = coloriser(COFFEE, hinted_model, hints=hints).astype(int)
    network = open_onnx(export.path)
    off = np.abs(coloriser(COFFEE, network, hints=hints) - expected).max(-1)
    assert np.mean(off <= 1) >= 0.999
    off = np.abs(coloriser(COFFEE, network).astype(int) - expected).max(-1)
    assert np.mean(off) > 1


def test_small_weights_do_where_the_rest_is_absent(model, tmp_path):
    beside = tmp_path / model.name
    beside.write_bytes(model.read_bytes())
    assert open_exported(beside) is None
    small = export_path(model, "network-small")
    (tmp_path / small.name).write_bytes(small.read_bytes())
    network = open_exported(beside)
    off = np.abs(coloriser(COFFEE, network).astype(int) - coloriser(COFFEE, model)).max(-1)
    assert np.mean(off <= 1) >= 0.999


def test_what_was_exported_of_another_model_is_not_used(model, tmp_path):
    for path in (model, export_path(model, "network")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert open_exported(tmp_path / model.name) is not None
    # Trained again since.
    with (tmp_path / model.name).open("ab") as file:
        file.write(b"newer")
    assert open_exported(tmp_path / model.name) is None


def test_arguments_are_checked(model):
    with pytest.raises(ValueError, match="`threads` must be at least 0, received -1"):
        open_onnx(export_path(model, "network"), -1)
    with pytest.raises(ValueError, match=r"must have inputs of hint_grid, lightness.*photo"):
        open_onnx(export_path(model, "colorize"))


COLORIZE = """
import sys
from pathlib import Path
import numpy as np
from colorization.inference.colorize import coloriser
from deepcolor.colorize.onnx_network import open_onnx

photo = np.zeros([int(side) for side in sys.argv[2:]], np.uint8)
photo[::2] = 200
assert coloriser(photo, open_onnx(Path(sys.argv[1]))).any()
status = open("/proc/self/status").read()
peak = status.split("VmHWM:")[1].split()[0]  # getrusage also counts the process that started this
heavy = {"tensorflow", "keras", "skimage", "scipy", "onnx"} & sys.modules.keys()
print(peak, *sorted(heavy))
"""


def colorized(model, *sides):
    path = str(export_path(model, "network"))
    command = [sys.executable, "-c", COLORIZE, path, *map(str, sides)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    kibibytes, *heavy = done.stdout.split()
    return int(kibibytes) / 2**20, heavy


def test_nothing_heavy_is_imported(model):
    assert colorized(model, 30, 40, 3)[1] == []


@pytest.mark.slow
def test_a_photo_of_fifty_megapixels_needs_less_than_two_gibibytes(model):
    assert colorized(model, 6124, 8165, 3)[0] < 2


def test_a_network_can_be_exported_that_was_opened_before(model):
    # Making a second model of the same layers must not change the first.
    network = load_model(model)
    before = coloriser(COFFEE, network)
    build_signatures(network)
    np.testing.assert_array_equal(coloriser(COFFEE, network), before)
