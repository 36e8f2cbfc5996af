"""The command `deepcolor export`. Imports what it needs when it runs."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deepcolor.errors import DeepColorError, told


def export_network(
    model: Annotated[
        Path | None, typer.Argument(help="A .keras file; by default the downloaded or shipped one.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder; by default the model's own.")
    ] = None,
    licence: Annotated[
        str | None, typer.Option("--license", help="What the ONNX files say of their licence.")
    ] = None,
) -> None:
    """Write a network as a SavedModel for TensorFlow Serving and as ONNX graphs.

    Photos in, photos out: resizing and colour are in the graphs. See docs/serving.md.
    """
    missing = [name for name in ("onnx", "tf2onnx") if find_spec(name) is None]
    if missing:
        raise DeepColorError(
            f"exporting needs {' and '.join(missing)}: pip install 'deep-colorization[export]'"
        )
    from colorization.model_files import default_model_path
    from deepcolor.export.files import LICENCE, export

    table = Table("file", "MB", "pixels within a level", box=None, pad_edge=False)
    with told(OSError, ValueError, RuntimeError):
        path = model or default_model_path()
        for made in export(path, output or path.parent, licence or LICENCE):
            agreement = "" if made.agreement is None else f"{made.agreement:.2%}"
            table.add_row(str(made.path), f"{made.size / 1e6:.1f}", agreement)
    Console(soft_wrap=True).print(table)
