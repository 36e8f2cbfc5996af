"""The graph that the page runs in the browser, from a photo to its chroma."""

from pathlib import Path

from deepcolor.colorize.onnx_network import open_session


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
