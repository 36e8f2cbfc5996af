"""Writing a network's files for other runtimes, and seeing that they colorize as it does."""

from collections.abc import Callable, Collection, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from PIL import Image

from colorization.export.saved_model import DEFAULT, write_saved_model
from colorization.export.signatures import Signature, build_signatures
from colorization.inference.colorize import coloriser
from colorization.inference.model_path import load_model
from colorization.inference.preprocess import WORKING_SIDE
from deepcolor.colorize.onnx_network import (
    NETWORK,
    SMALL,
    SOURCE,
    export_path,
    file_digest,
    open_onnx,
    open_session,
)
from deepcolor.export.onnx_graph import onnx_graph
from deepcolor.export.small_weights import quantize_weights

LICENSE = "Code: Apache-2.0. Weights: for what the photos that they were learnt from allow."
COLORIZE = "colorize"  # of `build_signatures`: from photos to photos
SAVED_MODEL = "saved-model"
# All that can be exported: of `build_signatures` each, and with small weights where there are any.
KINDS = (
    *(SAVED_MODEL, COLORIZE, "chroma", "recolor", NETWORK),
    *(name + SMALL for name in (COLORIZE, "chroma", NETWORK)),
)
AGREEMENT = 0.999  # of the pixels, at least, are at most a level off


class Exported(NamedTuple):
    """A file or folder that was written.

    Attributes:
        path: Of it.
        size: Bytes.
        agreement: Share of a picture's pixels that are at most a level off those of `coloriser`;
            None for what does not go from photos to photos.
    """

    path: Path
    size: int
    agreement: float | None = None


def export(
    model: Path, output: Path, license: str = LICENSE, kinds: Collection[str] = KINDS
) -> Iterator[Exported]:
    """Write what is exported of a network, and try it.

    Args:
        model: A `.keras` file.
        output: Folder; made if it does not exist.
        license: What the ONNX files say of their license.
        kinds: What to write, of `KINDS`.

    Yields:
        What was written: `NAME-saved-model/1`, and `NAME-KIND.onnx` for every other kind.

    Raises:
        FileNotFoundError: If there is no such model.
        ValueError: If the file is none, there is no such kind, or an export in float32 gives other
            colors.
    """
    if unknown := set(kinds) - set(KINDS):
        raise ValueError(f"cannot export {', '.join(sorted(unknown))}: name {', '.join(KINDS)}")
    network = load_model(model)
    expected = coloriser(picture(), network)
    output.mkdir(parents=True, exist_ok=True)
    if SAVED_MODEL in kinds:
        # TensorFlow Serving wants a folder for each version.
        folder = output / f"{model.stem}-{SAVED_MODEL}" / "1"
        write_saved_model(network, folder)
        yield _tried(folder, _serving(folder), expected)
    about = {
        "model": model.stem,
        "version": version("deep-colorization"),
        "license": license,
        "working_side": str(WORKING_SIDE),
        SOURCE: file_digest(model),
    }
    for name, function in build_signatures(network).items():
        for graph in _graphs(name, function, about, kinds):
            path = export_path(model, graph.graph.name, output)
            _write(graph, path)
            if name in TRIALS:
                yield _tried(path, TRIALS[name](path), expected)
            else:
                yield Exported(path, path.stat().st_size)


def picture() -> np.ndarray:
    """Draw what exports are tried on: colors of all kinds, and sides that need padding.

    Returns:
        `(90, 130, 3)` uint8.
    """
    noise = np.random.default_rng(0).integers(0, 256, (9, 13, 3), np.uint8)
    return np.asarray(Image.fromarray(noise).resize((130, 90), Image.Resampling.BICUBIC))


def _graphs(
    name: str, function: Signature, about: dict[str, str], kinds: Collection[str]
) -> Iterator[onnx.ModelProto]:
    if not {name, name + SMALL} & set(kinds):
        return
    graph = onnx_graph(name, function, about)
    if name in kinds:
        yield graph
    if name + SMALL in kinds:
        small = quantize_weights(graph)
        small.graph.name += SMALL
        yield small


def _write(graph: onnx.ModelProto, path: Path) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(graph.SerializeToString())
    part.replace(path)


def _serving(folder: Path) -> Callable[[np.ndarray], np.ndarray]:
    import tensorflow as tf

    call = tf.saved_model.load(str(folder)).signatures[DEFAULT]
    return lambda photo: np.asarray(call(photo=tf.constant(photo))["colorized"])


def _running(path: Path) -> Callable[[np.ndarray], np.ndarray]:
    session = open_session(path)
    scalars = {"strength": np.array(1, np.float32), "temperature": np.array(0, np.float32)}
    fed = {taken.name: scalars[taken.name] for taken in session.get_inputs() if not taken.shape}
    return lambda photo: np.asarray(session.run(["colorized"], {"photo": photo, **fed})[0])


def _in_coloriser(path: Path) -> Callable[[np.ndarray], np.ndarray]:
    network = open_onnx(path)
    return lambda photos: coloriser(photos[0], network)[None]


# How graphs that lead to photos are run.
TRIALS = {COLORIZE: _running, NETWORK: _in_coloriser}


def _tried(
    path: Path, colorized: Callable[[np.ndarray], np.ndarray], expected: np.ndarray
) -> Exported:
    off = np.abs(colorized(picture()[None])[0].astype(np.int16) - expected).max(axis=-1)
    agreement = float(np.mean(off <= 1))
    # Small weights are rounded: how much that changes is for the user to judge.
    if agreement < AGREEMENT and not path.stem.endswith(SMALL):
        raise ValueError(f"{path} gives other colors: only {agreement:.1%} of pixels agree")
    size = sum(part.stat().st_size for part in (path, *path.rglob("*")) if part.is_file())
    return Exported(path, size, agreement)
