"""The command `deepcolor export`. Imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from deepcolor.console import open_console
from deepcolor.errors import require_extra, user_errors


def export_network(
    model: Annotated[
        Path | None,
        typer.Argument(
            help="A .keras file; by default, the downloaded or shipped network.", metavar="NETWORK"
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write to this folder; by default beside the .keras file, or, for the shipped "
            "network, to build/exports.",
        ),
    ] = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            help="Export only this graph (e.g. `network-small`). Repeat the option for more.",
        ),
    ] = None,
    license: Annotated[
        str | None, typer.Option("--license", help="License to state in the ONNX files.")
    ] = None,
) -> None:
    """Export a network as a SavedModel for TensorFlow Serving and as ONNX graphs.

    The graphs take and return whole photos: they also resize and convert colors. See
    docs/serving.md.
    """
    require_extra("export")
    from colorization.inference.model_path import SHIPPED_MODEL, default_model_path
    from deepcolor.export.export_model import KINDS, LICENSE, export_model

    console = open_console()
    with user_errors(OSError, ValueError, RuntimeError):
        path = model or default_model_path()
        # The shipped network lies among tracked files, and its exports would be tracked too.
        beside = Path("build/exports") if path == SHIPPED_MODEL else path.parent
        for made in export_model(path, output or beside, license or LICENSE, kinds or KINDS):
            tried = made.agreement is not None
            agreement = f", {made.agreement:.2%} of pixels within a level" if tried else ""
            console.print(f"{made.size / 1e6:6.1f} MB  {escape(str(made.path))}{agreement}")
