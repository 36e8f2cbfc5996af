"""Export the network that ships into the package, for the command and for the page.

    python -m docs.build.package_networks

Run it whenever `models/deep-colorization.keras` has changed: a test compares their digests.
"""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import typer

from colorization.files import atomic_path
from colorization.inference.model_path import SHIPPED_MODEL, load_model
from colorization.models.hint_decoder import without_hints
from deepcolor.colorize.onnx_network import (
    PACKAGED_FIRST_GRAPH,
    PACKAGED_GRAPH,
    PACKAGED_NETWORK,
    SOURCE,
    export_path,
    file_digest,
)
from deepcolor.export.export_model import export_model
from deepcolor.export.quantization import quantize_weights

PACKAGED = {"network-small": PACKAGED_NETWORK, "chroma-small": PACKAGED_GRAPH}


def main() -> None:
    """Export the network that ships into the package."""
    with TemporaryDirectory() as scratch:
        list(export_model(SHIPPED_MODEL, Path(scratch), kinds=PACKAGED))
        for kind, path in PACKAGED.items():
            _write(path, export_path(SHIPPED_MODEL, kind, Path(scratch)).read_bytes())
        _write(PACKAGED_FIRST_GRAPH, _export_first_graph(Path(scratch)))


def _export_first_graph(scratch: Path) -> bytes:
    plain = scratch / "plain.keras"
    without_hints(load_model(SHIPPED_MODEL)).save(plain)
    (made,) = export_model(plain, scratch, kinds=["chroma"])
    graph = quantize_weights(onnx.load(made.path), coarse=True)
    graph.graph.name = "chroma-first"
    properties = {entry.key: entry.value for entry in graph.metadata_props}
    changed = {"model": SHIPPED_MODEL.stem, SOURCE: file_digest(SHIPPED_MODEL)}
    onnx.helper.set_model_props(graph, properties | changed)
    return bytes(graph.SerializeToString())


def _write(path: Path, content: bytes) -> None:
    with atomic_path(path) as part:
        part.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    print(f"{path.stat().st_size / 1e6:.1f} MB  {path}", flush=True)


if __name__ == "__main__":
    typer.run(main)
