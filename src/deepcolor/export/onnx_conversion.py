"""Converting TensorFlow functions to ONNX graphs with dynamic shapes."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import onnx
import tensorflow as tf
import tf2onnx
from onnx import TensorProto

from colorization.export.signatures import Signature

# The first with antialiased resizing; every ONNX Runtime has it, in browsers too.
OPSET = 18
DIMENSIONS = {
    "photo": ("batch", "height", "width"),
    "colorized": ("batch", "height", "width"),
    "lightness": ("batch", "height", "width"),
    "chroma": ("batch", "chroma_height", "chroma_width"),
    "hints": ("count",),
    "kept": ("kept",),
    "kept_maps": ("kept_maps",),
    "hint_grid": ("batch", "grid_height", "grid_width"),
}


def convert_to_onnx(name: str, signature: Signature, metadata: dict[str, str]) -> onnx.ModelProto:
    """Convert one of `build_signatures` to a checked ONNX model with the same names.

    The item `version` of `metadata` is also the producer's version.

    Raises:
        onnx.checker.ValidationError: If an operation has no counterpart in ONNX.
    """
    call = tf.function(signature.call, autograph=False)
    model: onnx.ModelProto
    with _quiet():
        model, _ = tf2onnx.convert.from_function(
            call, signature.signature, opset=OPSET, custom_op_handlers=HANDLERS
        )
        onnx.checker.check_model(model, full_check=True)
    model.graph.name = name
    model.producer_name, model.producer_version = "deepcolor export", metadata["version"]
    del model.opset_import[:]
    model.opset_import.append(onnx.helper.make_opsetid("", OPSET))
    onnx.helper.set_model_props(model, metadata)
    for value in (*model.graph.input, *model.graph.output):
        _name_dimensions(value)
    return model


@contextmanager
def _quiet() -> Iterator[None]:
    # TensorFlow's optimizer writes to file descriptor 2, whatever TF_CPP_MIN_LOG_LEVEL is. The
    # messages are shown only if the conversion fails.
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            yield
        except Exception:
            log.seek(0)
            os.write(kept, log.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _name_dimensions(value: onnx.ValueInfoProto) -> None:
    sizes = value.type.tensor_type.shape.dim
    for size, name in zip(sizes, DIMENSIONS.get(value.name, ()), strict=False):
        if not size.dim_value:
            size.dim_param = name


def _resize(graph: Any, node: Any, name: str, arguments: list[Any]) -> None:
    # Like `tf.image.resize` with antialiasing and like Pillow: a = -0.5, and weights renormalized
    # at the borders. Scale and translation follow from the size.
    photos, size = node.input[:2]
    dtype, output = graph.get_dtype(node.output[0]), node.output[0]
    graph.remove_node(node.name)
    planes = _add_node(graph, "Transpose", [photos], perm=[0, 3, 1, 2])
    kept = _add_node(graph, "Shape", [planes], start=0, end=2)
    size = _add_node(graph, "Cast", [size], to=TensorProto.INT64)
    sizes = _add_node(graph, "Concat", [kept, size], axis=0)
    small = _add_node(
        graph,
        "Resize",
        [planes, "", "", sizes],
        mode="cubic",
        cubic_coeff_a=-0.5,
        antialias=1,
        exclude_outside=1,
        coordinate_transformation_mode="half_pixel",
    )
    graph.make_node(
        "Transpose",
        [small],
        attr={"perm": [0, 2, 3, 1]},
        name=name,
        outputs=[output],
        shapes=[[-1, -1, -1, -1]],
        dtypes=[dtype],
    )


def _add_node(graph: Any, kind: str, inputs: list[str], **attributes: Any) -> str:
    output: str = graph.make_node(kind, inputs, attr=attributes).output[0]
    return output


def _renamed(graph: Any, node: Any, name: str, arguments: list[Any]) -> None:
    pass  # the converter has renamed it already


# tf2onnx cannot convert the first, converts the second to five operations instead of one, and the
# third to a remainder with the sign of the dividend.
HANDLERS = {
    "ScaleAndTranslate": (_resize, ["Resize"]),
    "SelectV2": (_renamed, ["Where"]),
    "FloorMod": (_renamed, ["Mod"]),
}
