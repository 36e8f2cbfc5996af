"""The command `deepcolor app`. Imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deepcolor.errors import DeepColorError, user_errors
from deepcolor.web.limits import Limits


def serve_app(
    host: Annotated[
        str, typer.Option(help="Address; 0.0.0.0 for all that this machine has.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any free one.")] = 8000,
    model: Annotated[
        Path | None, typer.Option(help="A network; by default the downloaded or shipped one.")
    ] = None,
    graph: Annotated[
        Path | None,
        typer.Option(
            help="Graph `chroma` of an export, for visitors' browsers; by default the one beside "
            "the model."
        ),
    ] = None,
    static: Annotated[
        Path | None,
        typer.Option(help="Folder: write the page that needs no server into it, and stop."),
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Photos at once; 0: one per core.")] = 0,
    waiting: Annotated[int, typer.Option(min=0, help="Requests that may wait.")] = 32,
    per_client: Annotated[int, typer.Option(min=1, help="Requests of one address at once.")] = 8,
    max_mib: Annotated[int, typer.Option(min=1, help="Size of a request, at most.")] = 32,
    max_megapixels: Annotated[
        int, typer.Option(min=1, max=100, help="Size of a photo, at most.")
    ] = 50,
    seconds: Annotated[float, typer.Option(min=1, help="Time for a photo, at most.")] = 60,
    framed_by: Annotated[
        list[str] | None,
        typer.Option(
            help="Site that may show the page in a frame, such as https://huggingface.co; "
            "may be repeated."
        ),
    ] = None,
) -> None:
    """Serve the web page on which visitors colorize their photos, and its API.

    With --static, write the page that runs the network in the visitor's browser as plain files.
    See docs/web.md.
    """
    console = Console(highlight=False, soft_wrap=True)
    graph = graph or _exported(model)
    if static:
        _write(static, graph, console)
        return
    limits = Limits(
        size=max_mib << 20,
        pixels=max_megapixels * 1_000_000,
        seconds=seconds,
        workers=workers or Limits().workers,
        waiting=waiting,
        per_client=per_client,
    )
    from deepcolor.web.app import create_app
    from deepcolor.web.colorizer import open_colorizer
    from deepcolor.web.server import serve

    colorizer = open_colorizer(model)
    with user_errors(ValueError):
        app = create_app(colorizer, limits, graph, framed_by or ())
    serve(app, host, port, lambda url: console.print(f"serving {url} – Ctrl-C to stop"))


def _exported(model: Path | None) -> Path | None:
    from colorization.inference.model_path import default_model_path
    from deepcolor.colorize.onnx_network import SMALL, export_path, open_session, was_exported_from

    if model is None:
        try:
            model = default_model_path()
        except FileNotFoundError:  # outside a clone, no such graph comes with the network
            return None
    with user_errors(ValueError):
        # Visitors download it: small weights first.
        for path in (export_path(model, f"chroma{weights}") for weights in (SMALL, "")):
            # One that was exported before the model was trained again would give other colors.
            if path.is_file() and (
                not model.is_file() or was_exported_from(open_session(path), model)
            ):
                return path
    return None


def _write(folder: Path, graph: Path | None, console: Console) -> None:
    from deepcolor.web.static_site import write_site

    if graph is None:
        raise DeepColorError(
            "the page needs the graph `chroma`: run `deepcolor export`, or name it with --graph"
        )
    with user_errors(OSError, ValueError):
        written = write_site(folder, graph)
    size = sum(path.stat().st_size for path in written)
    console.print(
        f"{len(written)} files, {size / 1e6:.0f} MB, in {folder}: any host can serve them"
    )
