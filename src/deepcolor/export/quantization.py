"""Storing a network's weights in 7, 8 and 16 bits, which makes the file a quarter as large.

Runtimes convert them back to float32 at the start. The larger a tensor, the fewer bits it needs:
the errors of many weights cancel out. Colors are at most one level off in 999 of 1000 pixels; with
7 bits for all tensors they would be several.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT16_FROM = 1 << 11  # weights in a tensor; smaller tensors take little space anyway
INT8_FROM = 1 << 14
INT7_FROM = 1 << 16  # stored as int8, of which gzip leaves 6 bits
LEVELS, FEW_LEVELS = 127, 63  # on each side of zero
# Axis of the output channels of a convolution's weights: each channel has its own scale.
CHANNELS = {"Conv": 0, "ConvTranspose": 1}

Quantized = tuple[list[onnx.TensorProto], list[onnx.NodeProto]]


def quantize_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy of a float32 model with smaller convolution weights.

    Large tensors become int8 and others float16, each with a scale per output channel; the largest
    use half of int8's range. Very small tensors stay float32.
    """
    small = onnx.ModelProto()
    small.CopyFrom(model)
    graph = small.graph
    axes = {
        node.input[1]: CHANNELS[node.op_type] for node in graph.node if node.op_type in CHANNELS
    }
    stored, casts = [], []
    for tensor in graph.initializer:
        tensors, nodes = _quantize(tensor, axes.get(tensor.name))
        stored += tensors
        casts += nodes
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(stored)
    graph.node.extend(nodes)
    onnx.checker.check_model(small, full_check=True)
    return small


def _quantize(tensor: onnx.TensorProto, axis: int | None) -> Quantized:
    weights = numpy_helper.to_array(tensor)
    if axis is None or weights.size < FLOAT16_FROM:
        return [tensor], []
    others = tuple(other for other in range(weights.ndim) if other != axis)
    largest = np.abs(weights).max(axis=others, keepdims=True)
    scale = np.where(largest > 0, largest, 1).astype(np.float32)
    if weights.size < INT8_FROM:
        return _store(tensor.name, (weights / scale).astype(np.float16), scale)
    levels = LEVELS if weights.size < INT7_FROM else FEW_LEVELS
    return _store(tensor.name, np.rint(weights / scale * levels).astype(np.int8), scale / levels)


def _store(name: str, codes: np.ndarray, scale: np.ndarray) -> Quantized:
    stored = [
        numpy_helper.from_array(codes, f"{name}_codes"),
        numpy_helper.from_array(scale, f"{name}_scale"),
    ]
    # ONNX Runtime would not fold DequantizeLinear, but compute it again for every photo.
    nodes = [
        helper.make_node("Cast", [f"{name}_codes"], [f"{name}_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}_float", f"{name}_scale"], [name]),
    ]
    return stored, nodes
