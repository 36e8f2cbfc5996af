"""The command line: `deepcolor colorize | app | run | train | ...`.

Commands import what they need when they run: NumPy takes a tenth of a second, TensorFlow seconds.
"""

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from colorization.config import CROPS
from colorization.training.recipes import RECIPE_NAMES
from deepcolor.chain.graph import find_project_root
from deepcolor.colorize.colorize_command import colorize_photos
from deepcolor.errors import (
    DeepColorError,
    disk_problems_as_errors,
    missing_extras_as_errors,
    require_extra,
    user_errors,
)
from deepcolor.export.export_command import export_network
from deepcolor.kaggle import Service
from deepcolor.web.serve_command import serve_app


class Commands(TyperGroup):
    """The commands, with a hint after Ctrl-C and a line about an extra that is not installed."""

    def invoke(self, context: Any) -> Any:
        """Run the chosen command."""
        try:
            with missing_extras_as_errors(), disk_problems_as_errors():
                return super().invoke(context)
        except KeyboardInterrupt:
            _stderr().print("interrupted; run the same command again to continue")
            raise SystemExit(130) from None


app = typer.Typer(
    cls=Commands,
    help="Colorize black-and-white photos, and run the Kaggle kernels that train the network.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False, soft_wrap=True)

OnOption = Annotated[Service, typer.Option(help="Use the stand-in on this machine, or Kaggle.")]
PortOption = Annotated[int, typer.Option(help="Port of the stand-in; 0 picks a free one.")]
DataOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Train on these photos: a folder, a zip file such as celebs.zip, or OWNER/SLUG of a "
        "Kaggle dataset. Repeat the option to add more.",
    ),
]
ElsewhereOption = Annotated[
    Path | None,
    typer.Option(help="Also evaluate on these portraits, a folder or a zip file."),
]


app.command("colorize")(colorize_photos)
app.command("app")(serve_app)
app.command("export")(export_network)


@app.command()
def stage(
    owner: Annotated[
        str | None, typer.Option(help="Kaggle user name; by default, the authenticated user.")
    ] = None,
    on: OnOption = Service.KAGGLE,
    data: DataOption = None,
    elsewhere: ElsewhereOption = None,
) -> None:
    """Write build/kernels/* and build/datasets/*, ready for `kaggle kernels push -p`."""
    require_extra("kaggle")
    from deepcolor.chain.lock import locked
    from deepcolor.chain.staging import stage_chain
    from deepcolor.kaggle.connect import connect
    from deepcolor.portraits import sample_elsewhere

    root = find_project_root()
    owner = owner or connect(on, root).username
    with locked(root / "build"):
        elsewhere = elsewhere or sample_elsewhere(root / "build" / "samples" / "elsewhere")
        staged = stage_chain(root, root / "build", owner, data or (), elsewhere)
    console.print(f"staged for {owner}, code {staged.datasets[0].fingerprint}:")
    folders = [(item.folder, item.handle) for item in staged.datasets]
    folders += [(item.folder, item.handle) for item in staged.kernels]
    for folder, handle in folders:
        console.print(f"  {folder.relative_to(root)}  →  {handle}")


@app.command()
def run(
    on: OnOption = Service.LOCAL,
    data: DataOption = None,
    elsewhere: ElsewhereOption = None,
    port: PortOption = 0,
) -> None:
    """Run the whole chain, download the trained model, and colorize a photo with it.

    Without --data, the stand-in trains on drawn portraits, and Kaggle on CelebA.
    """
    require_extra("kaggle")
    from deepcolor.chain.lock import locked
    from deepcolor.chain.run import run_chain

    root = find_project_root()
    with locked(root / "build"):
        run_chain(root, on, data or (), elsewhere, port, console)


@app.command()
def prepare(
    sources: Annotated[list[Path], typer.Argument(help="Folders and zip files of photos.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Write the records to this folder.")
    ],
    image_size: Annotated[
        int, typer.Option(help="Side of the square images in pixels, a multiple of 32 up to 512.")
    ] = 128,
    crop: Annotated[
        str, typer.Option(help=f"Make photos square this way: {', '.join(CROPS)}.")
    ] = CROPS[0],
    validation_fraction: Annotated[
        float, typer.Option(help="Share of the photos to keep out of training, for evaluation.")
    ] = 0.1,
    max_bad: Annotated[
        float, typer.Option(help="Fail when more than this share of the photos cannot be read.")
    ] = 0.1,
    shard_examples: Annotated[
        int,
        typer.Option(help="Photos per shard. Each training worker needs a shard of its own."),
    ] = 1024,
    workers: Annotated[int, typer.Option(help="Number of threads; 0 uses one per core.")] = 0,
    beam: Annotated[
        str | None,
        typer.Option(help="Run as an Apache Beam pipeline with these options."),
    ] = None,
) -> None:
    """Turn photos into training records on this machine, as the prepare kernel does on Kaggle."""
    from colorization.config import Preparation
    from deepcolor.local.prepare import prepare_photos

    with user_errors(ValueError):
        config = Preparation(image_size, crop, validation_fraction, shard_examples, max_bad)
    console.print(prepare_photos(sources, output, config, workers, beam))


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help=f"One of {', '.join(RECIPE_NAMES)}.")],
    records: Annotated[
        list[str],
        typer.Argument(
            help="Folders of records. FOLDER=3 takes three times as many images from a folder as "
            "from one without a weight."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Write the network to this folder.")
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Change a setting of the recipe, such as epochs=5 or augmentation.flip=0. "
            "Repeat the option to change more.",
        ),
    ] = None,
) -> None:
    """Train a network on this machine. Run again after an interruption to continue."""
    from deepcolor.local.train import parse_folders, parse_settings, train_network

    train_network(parse_settings(recipe, settings or ()), parse_folders(records), output)


@app.command()
def evaluate(
    models: Annotated[list[Path], typer.Argument(help="Networks, as .keras files.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Write results and figures to this folder.")
    ],
    records: Annotated[
        list[str],
        typer.Option(help="Evaluate on the validation split of these records, as NAME=FOLDER."),
    ],
    photos: Annotated[
        list[str] | None,
        typer.Option(help="Evaluate on whole photos, as NAME=FOLDER or NAME=ZIP."),
    ] = None,
    baseline: Annotated[
        list[Path] | None,
        typer.Option(
            help="Fit the baselines on the training photos of these records, too. Name all that "
            "the networks were trained on."
        ),
    ] = None,
    faces: Annotated[
        list[str] | None, typer.Option(help="Also report this set, by NAME, by skin tone.")
    ] = None,
    photo_size: Annotated[
        int, typer.Option(help="Reduce the longer side of whole photos to this many pixels.")
    ] = 256,
    max_photos: Annotated[int, typer.Option(help="Evaluate at most this many of each set.")] = 2000,
    inception: Annotated[
        Path | None, typer.Option(help="Weights of InceptionV3, to compute the FID.")
    ] = None,
    vgg: Annotated[
        Path | None, typer.Option(help="Weights of VGG16, to compare what it recognizes.")
    ] = None,
) -> None:
    """Compare networks with baselines, as the evaluate kernel does on Kaggle."""
    from colorization.config import Evaluation
    from deepcolor.local.evaluate import evaluate_networks

    config = Evaluation(photo_size, max_photos)
    evaluate_networks(
        models,
        records,
        photos or (),
        faces or (),
        output,
        config,
        baseline or (),
        inception,
        vgg,
    )


@app.command()
def status(on: OnOption = Service.LOCAL, port: PortOption = 0) -> None:
    """Show which kernels ran, what is published, and what is out of date."""
    require_extra("kaggle")
    from deepcolor.chain.staging import load_staged
    from deepcolor.chain.status import chain_status, status_table
    from deepcolor.kaggle.connect import connect

    root = find_project_root()
    staged = load_staged(root / "build")
    client = connect(on, root, port)
    with console.status("asking the service"):
        rows = chain_status(client, staged)
    console.print(status_table(rows, staged.owner))


@app.command()
def doctor(on: OnOption = Service.KAGGLE, data: DataOption = None) -> None:
    """Check what a run needs, before anything is sent: token, GPU hours, names and datasets."""
    require_extra("kaggle")
    from deepcolor.chain.doctor import examine

    failed = 0
    for finding in examine(find_project_root(), on, data or ()):
        failed += not finding.ok
        mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
        console.print(f"{mark} [bold]{finding.check}[/bold]: {escape(finding.text)}")
    if failed:
        raise typer.Exit(1)


@app.command()
def download(on: OnOption = Service.LOCAL, port: PortOption = 0) -> None:
    """Download the model dataset, and use its best model from now on."""
    require_extra("kaggle")
    from deepcolor.chain.run import download_model
    from deepcolor.kaggle.connect import connect

    root = find_project_root()
    download_model(connect(on, root, port), root / "build" / on, console)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def local(context: typer.Context, port: PortOption = 0) -> None:
    """Run a command against the stand-in: deepcolor local -- kaggle kernels list --mine."""
    require_extra("kaggle")
    from deepcolor.kaggle.connect import local_environment, start_stand_in

    endpoint = start_stand_in(find_project_root(), port)
    environment = local_environment(endpoint)
    if not context.args:
        console.print(f"the stand-in serves {endpoint.user} at {endpoint.url}")
        return
    program = shutil.which(context.args[0], path=environment["PATH"])
    if program is None:
        raise typer.BadParameter(f"no such command: {context.args[0]}")
    raise typer.Exit(subprocess.run([program, *context.args[1:]], env=environment).returncode)


def main() -> None:
    """Run the command line and print errors that the user can fix in one line."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow prints its greeting
    if not sys.warnoptions:
        warnings.filterwarnings("ignore", module="PIL")  # of damaged photos, which are named anyway
    try:
        app()
    except DeepColorError as error:
        _stderr().print(f"[bold red]error:[/bold red] {escape(str(error))}")
        raise SystemExit(1) from None


def _stderr() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=True)
