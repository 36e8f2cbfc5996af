import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from deepcolor.export.weights import in_eight_bits


def convolution(kind, shape, scale):
    weights = np.random.default_rng(0).normal(size=shape).astype(np.float32) * scale
    inputs = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 32, 8, 8])
    outputs = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 16, None, None])
    graph = helper.make_graph(
        [helper.make_node(kind, ["x", "w"], ["y"])],
        "convolution",
        [inputs],
        [outputs],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def answer(model):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    x = np.random.default_rng(1).normal(size=(1, 32, 8, 8)).astype(np.float32)
    return session.run(None, {"x": x})[0]


# Channels of very different sizes, and one that is nothing at all.
SCALES = np.r_[0, 10.0 ** np.arange(-7, 8)]


@pytest.mark.parametrize(
    ("kind", "shape", "scale"),
    [
        ("Conv", (16, 32, 3, 3), SCALES[:, None, None, None]),
        ("ConvTranspose", (32, 16, 3, 3), SCALES[None, :, None, None]),
    ],
)
def test_each_channel_keeps_its_precision(kind, shape, scale):
    model = convolution(kind, shape, scale.astype(np.float32))
    small = in_eight_bits(model)
    assert small.ByteSize() < 0.3 * model.ByteSize()
    before, after = (answer(m)[0].reshape(16, -1) for m in (model, small))
    assert np.isfinite(after).all() and not after[0].any()
    error = np.linalg.norm(after - before, axis=1)[1:] / np.linalg.norm(before, axis=1)[1:]
    assert error.max() < 0.02


def test_a_graph_is_left_as_it_is_and_small_tensors_stay(tmp_path):
    model = convolution("Conv", (16, 32, 1, 1), 1)
    before = model.SerializeToString()
    small = in_eight_bits(model)
    assert small.SerializeToString() == before == model.SerializeToString()
    onnx.checker.check_model(small)
