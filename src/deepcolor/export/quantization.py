"""Storing a network's weights in 12 and 16 bits, which makes the file half as large.

Runtimes convert them back to float32 at the start. The larger a tensor, the fewer bits it needs:
the errors of many weights cancel out. Colors are at most one level off in 999 of 1000 pixels; with
8 bits, half of the pixels of a small photo would be further off. That is what `coarse` does, for a
file that must arrive soon.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT16_FROM = 1 << 11  # weights in a tensor; smaller tensors take little space anyway
INT12_FROM = 1 << 14  # stored as two tensors of int8, of the second of which gzip leaves 4 bits
INT7_FROM = 1 << 17  # if `coarse`
LEVELS = 127  # on each side of zero
PARTS = 16  # of a level, with 12 bits
# Axis of the output channels of a convolution's weights: each channel has its own scale.
CHANNELS = {"Conv": 0, "ConvTranspose": 1}

Terms = list[tuple[np.ndarray, np.ndarray]]  # codes and their scales
Quantized = tuple[list[onnx.TensorProto], list[onnx.NodeProto]]


def quantize_weights(model: onnx.ModelProto, coarse: bool = False) -> onnx.ModelProto:
    """Return a copy of a float32 model with smaller convolution weights.

    Large tensors have 12 bits, others float16, each with a scale per output channel. Very small
    tensors stay float32. With `coarse`, large tensors have 8 bits, or even 7.
    """
    small = onnx.ModelProto()
    small.CopyFrom(model)
    graph = small.graph
    axes = {
        node.input[1]: CHANNELS[node.op_type] for node in graph.node if node.op_type in CHANNELS
    }
    stored, casts = [], []
    for tensor in graph.initializer:
        tensors, nodes = _quantize(tensor, axes.get(tensor.name), coarse)
        stored += tensors
        casts += nodes
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(stored)
    graph.node.extend(nodes)
    onnx.checker.check_model(small, full_check=True)
    return small


def _quantize(tensor: onnx.TensorProto, axis: int | None, coarse: bool) -> Quantized:
    weights = numpy_helper.to_array(tensor)
    if axis is None or weights.size < FLOAT16_FROM:
        return [tensor], []
    others = tuple(other for other in range(weights.ndim) if other != axis)
    largest = np.abs(weights).max(axis=others, keepdims=True)
    scale = np.where(largest > 0, largest, 1).astype(np.float32)
    return _store(tensor.name, _terms(weights, scale, coarse))


def _terms(weights: np.ndarray, scale: np.ndarray, coarse: bool) -> Terms:
    # The weights are the sum of the products.
    if weights.size < INT12_FROM:
        return [((weights / scale).astype(np.float16), scale)]
    if coarse:
        step = scale / (LEVELS // 2 if weights.size >= INT7_FROM else LEVELS)
        return [(np.rint(weights / step).astype(np.int8), step)]
    step = scale / (LEVELS * PARTS)
    codes = np.rint(weights / step).astype(np.int16)
    whole = (codes + PARTS // 2) // PARTS
    rest = codes - whole * PARTS
    return [(whole.astype(np.int8), step * PARTS), (rest.astype(np.int8), step)]


def _store(name: str, terms: Terms) -> Quantized:
    # ONNX Runtime would not fold DequantizeLinear, but compute it again for every photo.
    stored, nodes = [], []
    products = [name] if len(terms) == 1 else [f"{name}_{n}" for n in range(len(terms))]
    for product, (codes, scale) in zip(products, terms, strict=True):
        stored.append(numpy_helper.from_array(codes, f"{product}_codes"))
        stored.append(numpy_helper.from_array(scale, f"{product}_scale"))
        cast = [f"{product}_codes"], [f"{product}_float"]
        nodes.append(helper.make_node("Cast", *cast, to=TensorProto.FLOAT))
        scaled = [f"{product}_float", f"{product}_scale"], [product]
        nodes.append(helper.make_node("Mul", *scaled))
    if len(terms) > 1:
        nodes.append(helper.make_node("Sum", products, [name]))
    return stored, nodes
