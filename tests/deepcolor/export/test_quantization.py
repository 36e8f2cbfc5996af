import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from deepcolor.export.quantization import quantize_weights


def convolution(kind, weights):
    channels = weights.shape[1 if kind == "Conv" else 0]
    inputs = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, channels, 8, 8])
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
    shape = session.get_inputs()[0].shape
    x = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    return session.run(None, {"x": x})[0][0].reshape(16, -1)


@pytest.mark.parametrize(
    ("inputs", "coarse", "bytes_each", "error"),
    [(64, False, 2, 5e-4), (256, False, 2, 1e-3), (256, True, 1, 0.02), (1024, True, 1, 0.04)],
)
@pytest.mark.parametrize("kind", ["Conv", "ConvTranspose"])
def test_each_channel_keeps_its_precision(kind, inputs, coarse, bytes_each, error):
    # Channels of very different sizes, and one that is nothing at all.
    scales = np.r_[0, 10.0 ** np.arange(-7, 8)]
    weights = np.random.default_rng(0).normal(size=(inputs, 16, 3, 3)) * scales[:, None, None]
    weights = weights.astype(np.float32)
    model = convolution(kind, weights if kind == "ConvTranspose" else weights.swapaxes(0, 1).copy())
    small = quantize_weights(model, coarse)
    assert small.ByteSize() < bytes_each * weights.size + 2000
    before, after = answer(model), answer(small)
    assert np.isfinite(after).all() and not after[0].any()
    off = np.linalg.norm(after - before, axis=1)[1:] / np.linalg.norm(before, axis=1)[1:]
    assert off.max() < error


def test_a_graph_is_left_as_it_is_and_small_tensors_stay():
    model = convolution("Conv", np.ones((16, 4, 3, 3), np.float32))
    before = model.SerializeToString()
    small = quantize_weights(model)
    assert small.SerializeToString() == before == model.SerializeToString()
    onnx.checker.check_model(small)
