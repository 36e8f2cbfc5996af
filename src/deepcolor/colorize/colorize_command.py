"""The command `deepcolor colorize`. Imports what it needs when it runs."""

import io
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from colorization.config import MAX_STRENGTH, VIVID
from deepcolor.console import open_console

PhotosArgument = Annotated[
    list[str],
    typer.Argument(
        help="Photos, films, folders, patterns such as 'album/*.jpg', or - for standard input.",
        metavar="PHOTO",
    ),
]
OutputOption = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        help="Write to this file (one photo), this folder (several), or - for standard output. "
        "By default, grandma.jpg becomes grandma-colorized.jpg beside it, and the results of "
        "album/ go to album-colorized/.",
        metavar="PATH",
    ),
]
StrengthOption = Annotated[
    float,
    typer.Option(
        min=0,
        max=MAX_STRENGTH,
        help=f"Factor on the colors: 0 is gray, 1 as predicted, {VIVID} vivid.",
    ),
]
FastOption = Annotated[
    bool,
    typer.Option(
        "--fast",
        help="Predict once, instead of averaging predictions at two sizes and for the mirrored "
        "photo.",
    ),
]
SideBySideOption = Annotated[
    bool, typer.Option("--side-by-side", help="Show the black-and-white photo beside it.")
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        help="A .keras or .onnx file; by default, the downloaded network or the one in this "
        "package.",
        metavar="NETWORK",
    ),
]
SkipOption = Annotated[
    bool,
    typer.Option(
        "--skip-existing",
        help="Skip photos whose result would overwrite a file, as those in folders always are.",
    ),
]
ForceOption = Annotated[
    bool,
    typer.Option("--force", "-f", help="Overwrite files, and colorize results and color photos."),
]
HintOption = Annotated[
    list[str] | None,
    typer.Option(
        "--hint",
        help="Color that you know at a pixel of the photo: row, column and sRGB, such as "
        "120,340=#2f6b3a. Repeat the option for more.",
        metavar="ROW,COLUMN=COLOR",
    ),
]
HintsOption = Annotated[
    Path | None,
    typer.Option(
        "--hints",
        help="JSON file of hints for several photos, whose names are relative to the file: "
        '{"grandma.jpg": ["120,340=#2f6b3a"]}.',
        metavar="FILE.json",
    ),
]
SheetOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.html",
        help="Also write a page of all results, small and with their names, to look through or "
        "print.",
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", "-n", help="Only show where each result would go.")
]


def colorize_photos(
    photos: PhotosArgument,
    output: OutputOption = None,
    strength: StrengthOption = 1.0,
    fast: FastOption = False,
    side_by_side: SideBySideOption = False,
    hint: HintOption = None,
    hints: HintsOption = None,
    contact_sheet: SheetOption = None,
    model: ModelOption = None,
    skip_existing: SkipOption = False,
    force: ForceOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Colorize photos and films of any size.

    The result keeps the photo's size, lightness and metadata and, as PNG or TIFF, its 16 bits. Its
    metadata states that it was colorized. See docs/colorize.md.
    """
    from deepcolor.colorize.batch import colorize_files
    from deepcolor.colorize.plan import ColorizeOptions

    _prepare_process()
    options = ColorizeOptions(
        model, strength, fast, side_by_side, force, skip_existing, dry_run, contact_sheet,
        hints=tuple(hint or ()), hint_file=hints,
    )  # fmt: skip
    # Standard output may be the photo.
    photo_is_printed = output == "-" or (output is None and "-" in photos)
    console, errors = open_console(stderr=photo_is_printed), open_console(stderr=True)
    raise typer.Exit(1 if colorize_files(photos, output, options, console, errors) else 0)


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
