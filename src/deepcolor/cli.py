"""The command line: `deepcolor colorize | app | run | train | ...`.

Commands import what they need when they run: NumPy takes a tenth of a second, TensorFlow seconds.
"""

import os
import sys
import warnings
from typing import Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from deepcolor.chain import chain_commands
from deepcolor.colorize.colorize_command import colorize_photos
from deepcolor.console import open_console
from deepcolor.errors import DeepColorError, disk_problems_as_errors, missing_extras_as_errors
from deepcolor.export.export_command import export_network
from deepcolor.local import local_commands
from deepcolor.web.serve_command import serve_app


class Commands(TyperGroup):
    """The commands, with a hint after Ctrl-C and a line about an extra that is not installed."""

    def invoke(self, context: Any) -> Any:
        """Run the chosen command."""
        try:
            with missing_extras_as_errors(), disk_problems_as_errors():
                return super().invoke(context)
        except KeyboardInterrupt:
            open_console(stderr=True).print("interrupted; run the same command again to continue")
            raise SystemExit(130) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from deepcolor.colorize.version import describe_version

        print(describe_version())
        raise typer.Exit


@app.callback()
def set_up(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Show the version, and the network that colorizes.",
        ),
    ] = False,
) -> None:
    """Colorize black-and-white photos, and run the Kaggle kernels that train the network."""


def _add(panel: str, name: str, command: Any, *examples: str, **options: Any) -> None:
    lines = [f"$ deepcolor {name} {example}".rstrip() for example in examples]
    epilog = "\n".join(["[bold]Examples[/bold]", *map(escape, lines)])
    paragraphs = [" ".join(text.split()) for text in (command.__doc__ or "").split("\n\n")]
    help_text = escape("\n\n".join(paragraphs))
    app.command(name, rich_help_panel=panel, help=help_text, epilog=epilog, **options)(command)


PHOTOS, CHAIN, OWN = "Photos", "Chain", "A network of your own, on this machine"
_add(PHOTOS, "colorize", colorize_photos, "grandma.jpg", "album/ -o colored/")
_add(PHOTOS, "app", serve_app, "--port 8080", "--static site/")
_add(CHAIN, "run", chain_commands.run, "--data celebs.zip", "--on kaggle")
_add(CHAIN, "status", chain_commands.status, "", "--on kaggle")
_add(CHAIN, "doctor", chain_commands.doctor, "", "--data celebs.zip")
_add(CHAIN, "stage", chain_commands.stage, "", "--owner ada --data celebs.zip")
_add(CHAIN, "download", chain_commands.download, "", "--on kaggle")
_add(
    CHAIN,
    "local",
    chain_commands.local,
    "",
    "-- kaggle kernels list --mine",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
_add(
    OWN,
    "prepare",
    local_commands.prepare,
    "album/ -o records/",
    "celebs.zip more/ -o records/ --image-size 160",
)
_add(
    OWN,
    "train",
    local_commands.train,
    "unet records/ -o networks/",
    "unet people=3 things -o networks/ --set epochs=5",
)
_add(
    OWN,
    "evaluate",
    local_commands.evaluate,
    "networks/unet.keras -o results/ --records records/",
    "a.keras b.keras -o results/ --records faces=records/ --faces faces",
)
_add(OWN, "export", export_network, "", "networks/unet.keras -o exports/ --kind network-small")


def main() -> None:
    """Run the command line and print errors that the user can fix in one line."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow prints its greeting
    if not sys.warnoptions:
        warnings.filterwarnings("ignore", module="PIL")  # of damaged photos, which are named anyway
    try:
        app()
    except DeepColorError as error:
        open_console(stderr=True).print(f"[bold red]error:[/bold red] {escape(str(error))}")
        raise SystemExit(error.exit_status) from None
