"""Exporting a network for other runtimes, and checking that the exports give its colors."""

from collections.abc import Callable, Collection, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from PIL import Image

from colorization.export.saved_model import DEFAULT, write_saved_model
from colorization.export.signatures import Signature, build_signatures
from colorization.files import atomic_path
from colorization.inference.colorize import coloriser
from colorization.inference.model_path import load_model
from deepcolor.colorize.onnx_network import (
    NETWORK,
    SMALL,
    SOURCE,
    export_path,
    file_digest,
    open_onnx,
    open_session,
)
from deepcolor.export.onnx_conversion import convert_to_onnx
from deepcolor.export.quantization import quantize_weights

LICENSE = "Code: Apache-2.0. Weights: as the licenses of the training photos allow."
COLORIZE = "colorize"  # the signature from photos to photos
SAVED_MODEL = "saved-model"
# Every signature of `build_signatures`, and those with many weights once more with small ones.
KINDS = (
    *(SAVED_MODEL, COLORIZE, "chroma", "recolor", NETWORK),
    *(name + SMALL for name in (COLORIZE, "chroma", NETWORK)),
)
AGREEMENT = 0.999  # least share of pixels that are at most one level off

Colorizer = Callable[[np.ndarray], np.ndarray]  # (1, H, W, 3) uint8 to the same


class Export(NamedTuple):
    """An exported file or folder.

    `agreement` is the share of a test photo's pixels that are at most one level off the colors of
    `coloriser`; None for exports that do not colorize. `size` is in bytes.
    """

    path: Path
    size: int
    agreement: float | None = None


def export_model(
    model: Path, output: Path, license: str = LICENSE, kinds: Collection[str] = KINDS
) -> Iterator[Export]:
    """Export a `.keras` file to a folder, as the given `KINDS`, and check each export.

    Yields:
        The exports: `NAME-saved-model/1`, and `NAME-KIND.onnx`, which states the license.

    Raises:
        FileNotFoundError: If there is no such model.
        ValueError: If `model` is no model, a kind is unknown, or a float32 export gives other
            colors.
    """
    if unknown := set(kinds) - set(KINDS):
        raise ValueError(
            f"`kinds` must be of {', '.join(KINDS)}, received {', '.join(sorted(unknown))}"
        )
    network = load_model(model)
    expected = coloriser(draw_test_photo(), network)
    output.mkdir(parents=True, exist_ok=True)
    if SAVED_MODEL in kinds:
        # TensorFlow Serving expects a folder for each version.
        folder = output / f"{model.stem}-{SAVED_MODEL}" / "1"
        write_saved_model(network, folder)
        yield _check(folder, _load_saved_model(folder), expected)
    metadata = {
        "model": model.stem,
        "version": version("deep-colorization"),
        "license": license,
        SOURCE: file_digest(model),
    }
    for name, signature in build_signatures(network).items():
        for graph in _convert(name, signature, metadata, kinds):
            path = export_path(model, graph.graph.name, output)
            with atomic_path(path) as part:
                part.write_bytes(graph.SerializeToString())
            if name in LOADERS:
                yield _check(path, LOADERS[name](path), expected)
            else:
                yield Export(path, path.stat().st_size)


def draw_test_photo() -> np.ndarray:
    """Draw `(90, 130, 3)` uint8 with many colors and with sides that need padding."""
    noise = np.random.default_rng(0).integers(0, 256, (9, 13, 3), np.uint8)
    return np.asarray(Image.fromarray(noise).resize((130, 90), Image.Resampling.BICUBIC))


def _convert(
    name: str, signature: Signature, metadata: dict[str, str], kinds: Collection[str]
) -> Iterator[onnx.ModelProto]:
    if not {name, name + SMALL} & set(kinds):
        return
    graph = convert_to_onnx(name, signature, metadata)
    if name in kinds:
        yield graph
    if name + SMALL in kinds:
        small = quantize_weights(graph)
        small.graph.name += SMALL
        yield small


def _load_saved_model(folder: Path) -> Colorizer:
    import tensorflow as tf

    call = tf.saved_model.load(str(folder)).signatures[DEFAULT]
    return lambda photos: np.asarray(call(photo=tf.constant(photos))["colorized"])


def load_colorize(path: Path) -> Colorizer:
    """Open a graph `colorize`, with the defaults of `coloriser`."""
    session = open_session(path)
    settings = {
        "strength": np.array(1, np.float32),
        "temperature": np.array(0, np.float32),
        "hints": np.zeros((0, 5), np.float32),
    }
    names = {taken.name for taken in session.get_inputs()} - {"photo"}
    fed = {name: settings[name] for name in names}
    return lambda photos: np.asarray(session.run(["colorized"], {"photo": photos, **fed})[0])


def _load_network(path: Path) -> Colorizer:
    network = open_onnx(path)
    return lambda photos: coloriser(photos[0], network)[None]


# The graphs that can colorize.
LOADERS = {COLORIZE: load_colorize, NETWORK: _load_network}


def _check(path: Path, colorize: Colorizer, expected: np.ndarray) -> Export:
    off = np.abs(colorize(draw_test_photo()[None])[0].astype(np.int16) - expected).max(axis=-1)
    agreement = float(np.mean(off <= 1))
    # Small weights are rounded: the user decides whether the difference matters.
    if agreement < AGREEMENT and not path.stem.endswith(SMALL):
        raise ValueError(f"{path} gives other colors: only {agreement:.1%} of pixels agree")
    size = sum(part.stat().st_size for part in (path, *path.rglob("*")) if part.is_file())
    return Export(path, size, agreement)
