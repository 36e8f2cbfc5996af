"""The graphs that the page runs in the browser, from a photo to its chroma."""

from pathlib import Path

from deepcolor.colorize.onnx_network import (
    PACKAGED_FIRST_GRAPH,
    PACKAGED_GRAPH,
    open_session,
)

# Served beside the page: ONNX graph from a photo to its chroma. The page also reads it if it is
# not compressed.
GRAPH = "chroma.onnx.gz"
FIRST_GRAPH = "chroma-first.onnx.gz"  # the same without hints, and smaller: for the first colors


def page_graphs(graph: Path) -> dict[str, Path]:
    """Return the files that are served as `GRAPH` and, if there is one, as `FIRST_GRAPH`."""
    return {GRAPH: graph} | ({FIRST_GRAPH: PACKAGED_FIRST_GRAPH} if graph == PACKAGED_GRAPH else {})


def graph_inputs(graph: Path) -> set[str]:
    """Return the names of a graph's inputs: `photo`, and what else its network takes.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it does not go from a photo to its chroma.
    """
    session = open_session(graph)
    names = {tensor.name for tensor in session.get_inputs()}
    if "photo" not in names or "chroma" not in {found.name for found in session.get_outputs()}:
        raise ValueError(
            f"{graph} must go from `photo` to `chroma`, received inputs {sorted(names)}"
        )
    return names
