import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests.support.web_service import SlowNetwork, colorizer, serve

from deepcolor.colorize.onnx_network import PACKAGED_GRAPH
from deepcolor.web.app import create_app
from deepcolor.web.limits import Limits


@pytest.fixture(scope="session")
def graph(tmp_path_factory):
    """An ONNX graph from a photo to its chroma, like an exported one, with seeded weights."""
    weights = np.random.default_rng(0).uniform(-0.4, 0.4, (2, 3, 1, 1)).astype(np.float32)
    nodes = [
        helper.make_node("Cast", ["photo"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node(
            "AveragePool", ["planes"], ["pooled"], kernel_shape=[4, 4], strides=[4, 4], ceil_mode=1
        ),
        helper.make_node("Conv", ["pooled", "weights"], ["ab"]),
        helper.make_node("Add", ["temperature", "one"], ["factor"]),
        helper.make_node("Mul", ["ab", "factor"], ["scaled"]),
        helper.make_node("Transpose", ["scaled"], ["chroma"], perm=[0, 2, 3, 1]),
    ]
    inputs = [
        helper.make_tensor_value_info("photo", TensorProto.UINT8, [1, None, None, 3]),
        helper.make_tensor_value_info("temperature", TensorProto.FLOAT, []),
    ]
    outputs = [helper.make_tensor_value_info("chroma", TensorProto.FLOAT, [1, None, None, 2])]
    constants = [
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(np.float32(1), "one"),
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "tiny", inputs, outputs, constants),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    path = tmp_path_factory.mktemp("graph") / "chroma.onnx"
    onnx.save(model, path)
    return path


@pytest.fixture(scope="session")
def service(graph):
    """The address of a service with the default limits."""
    with serve(create_app(colorizer(), Limits(workers=2), graph)) as address:
        yield address


@pytest.fixture(scope="session")
def address():
    """A service whose graph takes hints: that of the package."""
    with serve(create_app(colorizer(), Limits(workers=1), PACKAGED_GRAPH)) as address:
        yield address


@pytest.fixture
def slow():
    network = SlowNetwork()
    yield network
    network.may_respond.set()
