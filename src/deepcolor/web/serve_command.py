"""The command `deepcolor app`. Imports heavy packages only when it runs."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from deepcolor.console import open_console
from deepcolor.errors import DeepColorError, user_errors
from deepcolor.web.limits import Limits

if TYPE_CHECKING:
    from starlette.types import ASGIApp


HostOption = Annotated[
    str, typer.Option(help="Address to listen on; 0.0.0.0 for all addresses of this machine.")
]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any free one.")]
ModelOption = Annotated[
    Path | None, typer.Option(help="Model file; by default the downloaded or shipped one.")
]
GraphOption = Annotated[
    Path | None,
    typer.Option(
        help="Graph `chroma` of an export, for the in-browser mode; by default the one beside "
        "the model, or that of the shipped network."
    ),
]
StaticOption = Annotated[
    Path | None, typer.Option(help="Write the page as plain files into this folder, and exit.")
]
WorkersOption = Annotated[
    int, typer.Option(min=0, help="Photos processed at once; 0: one per core.")
]
WaitingOption = Annotated[int, typer.Option(min=0, help="Maximum number of waiting requests.")]
PerClientOption = Annotated[
    int, typer.Option(min=1, help="Maximum number of requests of one address at once.")
]
MaxMibOption = Annotated[int, typer.Option(min=1, help="Maximum size of a request in MiB.")]
MaxMegapixelsOption = Annotated[
    int, typer.Option(min=1, max=100, help="Maximum size of a photo in megapixels.")
]
SecondsOption = Annotated[float, typer.Option(min=1, help="Maximum time for a photo.")]
NameOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Name under which a proxy on this machine serves the page, such as "
        "photos.example.org; may be repeated. Otherwise a service that only this machine can "
        "reach answers to localhost alone."
    ),
]
FramedByOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Origin that may show the page in a frame, such as https://huggingface.co; "
        "may be repeated."
    ),
]
ForceOption = Annotated[
    bool, typer.Option("--force", "-f", help="With --static, overwrite what is in the folder.")
]


def serve_app(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    model: ModelOption = None,
    graph: GraphOption = None,
    static: StaticOption = None,
    workers: WorkersOption = 0,
    waiting: WaitingOption = 32,
    per_client: PerClientOption = 8,
    max_mib: MaxMibOption = 32,
    max_megapixels: MaxMegapixelsOption = 50,
    seconds: SecondsOption = 60,
    name: NameOption = None,
    framed_by: FramedByOption = None,
    force: ForceOption = False,
) -> None:
    """Serve the web page on which visitors colorize their photos, and its API.

    With --static, write the page that runs the network in the visitor's browser as plain files.
    See docs/web.md.
    """
    console = open_console()
    graph = graph or _exported_graph(model)
    if static:
        _write_site(static, graph, force, console)
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
    from deepcolor.web.origins import LOCAL_NAMES, is_loopback

    names = [*LOCAL_NAMES, host, *(name or ())] if is_loopback(host) else name or ()
    colorizer = open_colorizer(model)
    with user_errors(ValueError):
        app = create_app(colorizer, limits, graph, framed_by or (), names)
    _serve(app, host, port, lambda url: console.print(f"serving {url} – Ctrl-C to stop"))


def _exported_graph(model: Path | None) -> Path | None:
    from colorization.inference.model_path import default_model_path
    from deepcolor.colorize.onnx_network import (
        PACKAGED_GRAPH,
        SMALL,
        export_path,
        open_session,
        was_exported_from,
    )

    if model is None:
        try:
            model = default_model_path()
        except FileNotFoundError:
            return PACKAGED_GRAPH
    # Visitors download it: prefer small weights.
    beside = [export_path(model, f"chroma{weights}") for weights in (SMALL, "")]
    with user_errors(ValueError):
        for path in (*beside, PACKAGED_GRAPH):
            # A graph that is older than the model's last training would give other colors.
            if path.is_file() and (
                not model.is_file() or was_exported_from(open_session(path), model)
            ):
                return path
    return None


def _write_site(folder: Path, graph: Path | None, force: bool, console: Console) -> None:
    from deepcolor.web.static_site import write_site

    if graph is None:
        raise DeepColorError(
            "the page needs the graph `chroma`: run `deepcolor export`, or name it with --graph"
        )
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise DeepColorError(f"{folder} is not empty; --force overwrites what is in it")
    with user_errors(OSError, ValueError):
        written = write_site(folder, graph)
    size = sum(path.stat().st_size for path in written)
    console.print(
        f"wrote {len(written)} files ({size / 1e6:.0f} MB) into {folder}; any host can serve them"
    )


def _serve(app: "ASGIApp", host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until interrupted."""
    import uvicorn

    from deepcolor.web.connections import server_config

    config = server_config(app, host, port)
    try:
        socket = config.bind_socket()
    except SystemExit:  # uvicorn has logged the reason
        raise DeepColorError(f"cannot listen on {host}, port {port}: try another --port") from None
    socket.listen(config.backlog)  # early connections wait until the server is up
    name, number = socket.getsockname()[:2]
    on_ready(f"http://{f'[{name}]' if ':' in name else name}:{number}/")
    uvicorn.Server(config).run(sockets=[socket])
