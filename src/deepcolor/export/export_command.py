"""The command `deepcolor export`. Imports what it needs when it runs."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from deepcolor.errors import DeepColorError, user_errors


def missing_converters() -> list[str]:
    """Return the packages that exporting needs and that are not installed."""
    return [name for name in ("onnx", "tf2onnx") if find_spec(name) is None]


def export_network(
    model: Annotated[
        Path | None, typer.Argument(help="A .keras file; by default the downloaded or shipped one.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder; by default the model's own.")
    ] = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", help="Of them only this one, as network-small. May be given several times."
        ),
    ] = None,
    license: Annotated[
        str | None, typer.Option("--license", help="What the ONNX files say of their license.")
    ] = None,
) -> None:
    """Write a network as a SavedModel for TensorFlow Serving and as ONNX graphs.

    Photos in, photos out: resizing and color are in the graphs. See docs/serving.md.
    """
    if missing := missing_converters():
        raise DeepColorError(f"exporting needs {' and '.join(missing)}: pip install '.[export]'")
    from colorization.inference.model_path import default_model_path
    from deepcolor.export.export_model import KINDS, LICENSE, export_model

    console = Console(highlight=False, soft_wrap=True)
    with user_errors(OSError, ValueError, RuntimeError):
        path = model or default_model_path()
        for made in export_model(path, output or path.parent, license or LICENSE, kinds or KINDS):
            tried = made.agreement is not None
            agreement = f", {made.agreement:.2%} of pixels within a level" if tried else ""
            console.print(f"{made.size / 1e6:6.1f} MB  {escape(str(made.path))}{agreement}")
