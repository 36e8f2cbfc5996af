"""The page as plain files for any host: photos never leave the visitor's browser."""

import gzip
import shutil
from pathlib import Path

from deepcolor.web.colorizer import TEMPERATURES
from deepcolor.web.page_graph import FIRST_GRAPH, GRAPH, graph_inputs, page_graphs
from deepcolor.web.pages import Mode, assets, render_page
from deepcolor.web.source_archive import SOURCE_ARCHIVE, source_archive
from deepcolor.web.texts import LANGUAGES


def write_site(folder: Path, graph: Path) -> list[Path]:
    """Write the page and all files that it loads, and return their paths.

    `graph` is an ONNX graph from a photo to its chroma.

    Raises:
        ValueError: If `graph` is not such a graph.
    """
    inputs = graph_inputs(graph)
    temperatures = TEMPERATURES if "temperature" in inputs else (None,)
    written = []
    for name, source in assets().items():
        written.append(folder / name)
        written[-1].parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, written[-1])
    graphs = page_graphs(graph)
    for name, source in graphs.items():
        written.append(folder / name)
        written[-1].write_bytes(_compressed(source))
    mode = Mode(
        temperatures,
        server=False,
        graph=folder / GRAPH,
        first_graph=folder / FIRST_GRAPH if FIRST_GRAPH in graphs else None,
        hints="hints" in inputs,
    )
    for name, language in (("index", LANGUAGES[0]), *zip(LANGUAGES, LANGUAGES, strict=True)):
        written.append(folder / f"{name}.html")
        written[-1].write_text(render_page(language, mode), "utf-8")
    written.append(folder / SOURCE_ARCHIVE)
    written[-1].write_bytes(source_archive())
    # GitHub Pages would leave out files that its own generator treats specially.
    written.append(folder / ".nojekyll")
    written[-1].touch()
    return written


def _compressed(graph: Path) -> bytes:
    content = graph.read_bytes()
    return content if graph.suffix == ".gz" else gzip.compress(content, mtime=0)
