"""The command `deepcolor colorize`. Imports what it needs when it runs."""

import io
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console


def colorize_photos(
    photos: Annotated[
        list[str],
        typer.Argument(
            help="Photos, films, folders, patterns such as 'album/*.jpg', or - for standard input."
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="Write to this file (one photo), this folder (several), or - for standard output. "
            "By default, grandma.jpg becomes grandma-colorized.jpg beside it.",
        ),
    ] = None,
    strength: Annotated[
        float,
        typer.Option(
            min=0, max=5, help="Multiply the colors: 0 is gray, 1 as predicted, 1.3 vivid."
        ),
    ] = 1.0,
    temperature: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=10,
            help="Use the network's color classes instead of its more accurate regression. 1 is "
            "calm; lower values are more vivid, and blotchy.",
        ),
    ] = None,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast",
            help="Predict once, instead of averaging predictions at two sizes and for the "
            "mirrored photo.",
        ),
    ] = False,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Show the black-and-white photo beside it.")
    ] = False,
    model: Annotated[
        Path | None,
        typer.Option(
            help="A .keras or .onnx file; by default, the downloaded network or the one in this "
            "package."
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            "-f",
            help="Overwrite files, and colorize results, color photos and color negatives.",
        ),
    ] = False,
    contact_sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html",
            help="Also write a page of all results, small and with their names, to look through "
            "or print.",
        ),
    ] = None,
) -> None:
    """Colorize photos and films of any size.

    The result keeps the photo's size, lightness and metadata and, as PNG or TIFF, its 16 bits. Its
    metadata states that it was colorized. See docs/colorize.md.
    """
    from deepcolor.colorize.batch import colorize_files
    from deepcolor.colorize.plan import ColorizeOptions

    _prepare_process()
    options = ColorizeOptions(
        model, strength, temperature, fast, side_by_side, force, contact_sheet
    )
    # Standard output may be the photo.
    photo_is_printed = output == "-" or (output is None and "-" in photos)
    console = Console(stderr=photo_is_printed, highlight=False, soft_wrap=True)
    raise typer.Exit(1 if colorize_files(photos, output, options, console) else 0)


def _prepare_process() -> None:
    """Print names of any bytes in any locale, and clean up when the process is to end."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number and signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores SIGHUP
            signal.signal(number, _exit)


def _exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # unfinished files are removed on the way
