import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from colorization.inference.model_path import (
    MODEL_VARIABLE,
    SHIPPED_MODEL,
    downloaded_model_path,
)
from deepcolor.colorize.onnx_network import (
    NETWORK,
    PACKAGED_NETWORK,
    export_path,
    open_exported,
    open_onnx,
)
from deepcolor.colorize.open_network import open_predictor
from deepcolor.errors import DeepColorError


def save_onnx(path, classes=True, side=None, name="lightness"):
    """A network whose a is half of L and whose b is the temperature."""
    sides = [side or "H", side or "W"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *sides, 1])]
    nodes = [helper.make_node("Mul", [name, "half"], ["a"])]
    nodes.append(helper.make_node("Mul", ["a", "zero"], ["nothing"]))
    if classes:
        inputs.append(helper.make_tensor_value_info("temperature", TensorProto.FLOAT, []))
        nodes.append(helper.make_node("Add", ["nothing", "temperature"], ["b"]))
    nodes.append(
        helper.make_node("Concat", ["a", "b" if classes else "nothing"], ["chroma"], axis=3)
    )
    constants = [
        helper.make_tensor(key, TensorProto.FLOAT, [], [value])
        for key, value in (("half", 0.5), ("zero", 0.0))
    ]
    output = helper.make_tensor_value_info("chroma", TensorProto.FLOAT, ["n", *sides, 2])
    graph = helper.make_graph(nodes, "network", inputs, [output], constants)
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)
    return path


LIGHTNESS = np.random.default_rng(0).uniform(0, 100, (32, 64)).astype(np.float32)


def test_an_exported_network_answers_with_chroma(tmp_path):
    network = open_onnx(save_onnx(tmp_path / "n.onnx"))
    assert network.input_size is None
    for temperature, expected in ((None, 0), (0.5, 0.5)):
        chroma = network.chroma(LIGHTNESS, temperature)
        np.testing.assert_allclose(chroma[..., 0], LIGHTNESS / 2, rtol=1e-6)
        np.testing.assert_allclose(chroma[..., 1], expected)


def test_a_network_without_classes_has_no_temperature(tmp_path):
    path = save_onnx(tmp_path / "n.onnx", classes=False, side=128)
    assert open_onnx(path).input_size == (128, 128)
    with pytest.raises(ValueError, match="`temperature` needs a network that has classes"):
        open_onnx(path).chroma(np.zeros((128, 128), np.float32), 0.38)


def test_an_exported_network_beside_a_model_comes_first(tmp_path):
    (tmp_path / "model.keras").touch()  # not even opened
    save_onnx(tmp_path / "model-network.onnx")
    chroma = open_predictor(tmp_path / "model.keras").chroma(LIGHTNESS)
    np.testing.assert_allclose(chroma[..., 0], LIGHTNESS / 2, rtol=1e-6)


def test_without_a_model_the_users_own_one_is_used_or_else_that_of_the_package(
    tmp_path, monkeypatch
):
    monkeypatch.delenv(MODEL_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    packaged = open_onnx(PACKAGED_NETWORK).chroma(LIGHTNESS)
    np.testing.assert_array_equal(open_predictor().chroma(LIGHTNESS), packaged)
    # What `deepcolor download` keeps, and exports.
    downloaded = downloaded_model_path()
    downloaded.parent.mkdir()
    downloaded.touch()
    save_onnx(export_path(downloaded, NETWORK), classes=False)
    np.testing.assert_allclose(open_predictor().chroma(LIGHTNESS)[..., 0], LIGHTNESS / 2, rtol=1e-6)
    monkeypatch.setenv(MODEL_VARIABLE, str(save_onnx(tmp_path / "named.onnx")))
    assert open_predictor().chroma(LIGHTNESS, 0.5)[0, 0, 1] == 0.5


def test_a_named_model_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv(MODEL_VARIABLE, str(tmp_path / "absent.keras"))
    with pytest.raises(DeepColorError, match=rf"absent\.keras, which {MODEL_VARIABLE} names"):
        open_predictor()


def test_the_network_of_the_package_opens_the_model_that_it_was_exported_from(tmp_path):
    copy = shutil.copy(SHIPPED_MODEL, tmp_path)
    shipped, packaged = open_exported(Path(copy)), open_onnx(PACKAGED_NETWORK)
    assert shipped is not None
    np.testing.assert_array_equal(shipped.chroma(LIGHTNESS), packaged.chroma(LIGHTNESS))


def test_what_is_no_such_network_is_told(tmp_path):
    (tmp_path / "text.onnx").write_bytes(b"no network")
    save_onnx(tmp_path / "other.onnx", name="photo")
    for name, message in (
        ("absent.onnx", "no model at"),
        ("photo.jpg", r"must be a \.keras or \.onnx file, received .*photo\.jpg"),
        ("text.onnx", "not a network for ONNX Runtime"),
        ("other.onnx", r"must have inputs of hint_grid, lightness.*photo"),
    ):
        with pytest.raises(DeepColorError, match=message):
            open_predictor(tmp_path / name)
