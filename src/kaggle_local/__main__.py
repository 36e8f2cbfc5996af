"""The command `python -m kaggle_local`."""

import logging
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kaggle_local.api.registry import Api
from kaggle_local.client import Endpoint
from kaggle_local.errors import LocalKaggleError
from kaggle_local.http.server import serve
from kaggle_local.settings import Layout, Limits, Settings

_DEFAULT = Limits()
app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _limit(metavar: str, text: str) -> Any:
    return typer.Option(help=text, metavar=metavar, min=0)


RootOption = Annotated[Path, typer.Option(help="State folder; created if missing.")]
PortOption = Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 for any free one.")]
UserOption = Annotated[str, typer.Option(help="Your user name here.")]
LayoutOption = Annotated[
    Layout,
    typer.Option(
        help="Folder of each input: /kaggle/input/datasets/OWNER/SLUG (2026) or "
        "/kaggle/input/SLUG (legacy)."
    ),
]
IdleOption = Annotated[
    float,
    _limit("SECONDS", "Exit after this long without a request or a running kernel; 0 for never."),
]
AsReportedOption = Annotated[
    bool,
    typer.Option(
        "--as-reported",
        help="Play what users report of Kaggle: data appear and are mounted late, logs are "
        "cut, requests are too many. COVERAGE.md lists it.",
    ),
]
ProcessingOption = Annotated[float, _limit("SECONDS", "Time until a new dataset version is ready.")]
GpuHoursOption = Annotated[float, _limit("HOURS", "GPU hours per week.")]
TpuHoursOption = Annotated[float, _limit("HOURS", "TPU hours per week.")]
GpuSessionsOption = Annotated[int, _limit("NUMBER", "GPU (and TPU) kernels that may run at once.")]
CpuSessionsOption = Annotated[int, _limit("NUMBER", "CPU kernels that may run at once.")]
SessionHoursOption = Annotated[float, _limit("HOURS", "Longest run of one kernel.")]
OutputOption = Annotated[int, _limit("BYTES", "Largest total size of /kaggle/working.")]
SourceOption = Annotated[int, _limit("BYTES", "Largest size of a kernel's source.")]


@app.command()
def main(
    root: RootOption,
    port: PortOption = 0,
    user: UserOption = "local-kaggler",
    layout: LayoutOption = Layout.BY_OWNER,
    idle_exit: IdleOption = 0.0,
    as_reported: AsReportedOption = False,
    processing_seconds: ProcessingOption = _DEFAULT.processing_seconds,
    gpu_hours: GpuHoursOption = _DEFAULT.gpu_hours,
    tpu_hours: TpuHoursOption = _DEFAULT.tpu_hours,
    gpu_sessions: GpuSessionsOption = _DEFAULT.gpu_sessions,
    cpu_sessions: CpuSessionsOption = _DEFAULT.cpu_sessions,
    session_hours: SessionHoursOption = _DEFAULT.session_hours,
    output_bytes: OutputOption = _DEFAULT.output_bytes,
    source_bytes: SourceOption = _DEFAULT.source_bytes,
) -> None:
    """Run a local stand-in for Kaggle and print the environment variables that point to it.

    The server listens on 127.0.0.1 only. Stop it with Ctrl-C.
    """
    limits = Limits(
        processing_seconds=processing_seconds,
        gpu_hours=gpu_hours,
        tpu_hours=tpu_hours,
        gpu_sessions=gpu_sessions,
        cpu_sessions=cpu_sessions,
        session_hours=session_hours,
        output_bytes=output_bytes,
        source_bytes=source_bytes,
    )
    try:
        settings = Settings(root, user, port, layout, idle_exit, limits, as_reported)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    _serve(settings)


def _serve(settings: Settings) -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        serve(settings, _print_environment)
    except LocalKaggleError as error:
        print(f"kaggle_local: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_status) from error


def _print_environment(api: Api) -> None:
    endpoint = Endpoint(api.url, api.user, api.store.root)
    for name, value in sorted(endpoint.environment({}).items()):
        print(f"export {name}={shlex.quote(value)}")
    print(f"# {api.url} stands in for Kaggle; state in {api.store.root}", flush=True)


if __name__ == "__main__":
    app()
