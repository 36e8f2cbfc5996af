"""The weights of an ONNX graph in 8 and 16 bits: a file of less than a third of the size.

They become float32 again when a runtime opens the file and folds what is constant: it computes as
fast as before, and only the weights are rounded. Most of what colors are off when all weights have
8 bits comes from the first layers, which hold a fiftieth of them; so only large tensors have 8.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

EIGHT_BITS_FROM = 1 << 19  # weights of a tensor
SIXTEEN_BITS_FROM = 1 << 11  # what is smaller is not worth it
# Axis of the output channels of a convolution's weights: each has a scale of its own.
CHANNELS = {"Conv": 0, "ConvTranspose": 1}

Packed = tuple[list[onnx.TensorProto], list[onnx.NodeProto]]


def quantize_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store the weights of large convolutions as int8, those of others as float16.

    Args:
        model: A graph in float32.

    Returns:
        A new graph that gives about the same.
    """
    small = onnx.ModelProto()
    small.CopyFrom(model)
    graph = small.graph
    axes = {
        node.input[1]: CHANNELS[node.op_type] for node in graph.node if node.op_type in CHANNELS
    }
    stored, unpacking = [], []
    for tensor in graph.initializer:
        tensors, nodes = _packed(tensor, axes.get(tensor.name))
        stored += tensors
        unpacking += nodes
    nodes = [*unpacking, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(stored)
    graph.node.extend(nodes)
    onnx.checker.check_model(small, full_check=True)
    return small


def _packed(tensor: onnx.TensorProto, axis: int | None) -> Packed:
    weights = numpy_helper.to_array(tensor)
    if axis is None or weights.size < SIXTEEN_BITS_FROM:
        return [tensor], []
    others = tuple(other for other in range(weights.ndim) if other != axis)
    largest = np.abs(weights).max(axis=others, keepdims=True)
    scale = np.where(largest > 0, largest, 1).astype(np.float32)
    if weights.size < EIGHT_BITS_FROM:
        return _scaled(tensor.name, (weights / scale).astype(np.float16), scale)
    return _scaled(tensor.name, np.rint(weights / scale * 127).astype(np.int8), scale / 127)


def _scaled(name: str, codes: np.ndarray, scale: np.ndarray) -> Packed:
    stored = [
        numpy_helper.from_array(codes, f"{name}_codes"),
        numpy_helper.from_array(scale, f"{name}_scale"),
    ]
    # Not DequantizeLinear, which ONNX Runtime keeps and would compute again for every photo.
    nodes = [
        helper.make_node("Cast", [f"{name}_codes"], [f"{name}_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}_float", f"{name}_scale"], [name]),
    ]
    return stored, nodes
