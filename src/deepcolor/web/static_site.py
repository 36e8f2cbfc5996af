"""The page as plain files, for any host: photos never leave the visitor's browser."""

import shutil
from pathlib import Path

from deepcolor.colorize.onnx_network import open_session
from deepcolor.web.colorizer import TEMPERATURES
from deepcolor.web.pages import GRAPH, Mode, assets, page, pages
from deepcolor.web.texts import LANGUAGES


def write_site(folder: Path, graph: Path) -> list[Path]:
    """Write the page, and all that it needs, into a folder.

    Args:
        folder: Made if it does not exist; what lies there is overwritten.
        graph: ONNX graph from a photo to its chroma.

    Returns:
        The files that were written.

    Raises:
        OSError: If a file cannot be read or written.
        ValueError: If the graph is none.
    """
    mode = Mode(temperatures_of(graph), server=False, graph=graph.stat().st_size)
    written = []
    for name, source in (assets() | {GRAPH: graph}).items():
        written.append(folder / name)
        written[-1].parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, written[-1])
    for name, content in (pages(mode) | {"index.html": page(LANGUAGES[0], mode)}).items():
        written.append(folder / name)
        written[-1].write_text(content, "utf-8")
    # GitHub Pages would leave out what it takes for its own generator's files.
    written.append(folder / ".nojekyll")
    written[-1].touch()
    return written


def temperatures_of(graph: Path) -> tuple[float | None, ...]:
    """Tell which temperatures a graph has.

    Args:
        graph: ONNX graph from a photo to its chroma.

    Raises:
        ValueError: If it is none.
    """
    session = open_session(graph)
    names = {tensor.name for tensor in session.get_inputs()}
    if "photo" not in names or [tensor.name for tensor in session.get_outputs()] != ["chroma"]:
        raise ValueError(
            f"{graph} must go from `photo` to `chroma`, received inputs {sorted(names)}"
        )
    return TEMPERATURES if "temperature" in names else (None,)
