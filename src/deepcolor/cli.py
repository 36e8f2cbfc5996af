"""The command line: `deepcolor stage | run | prepare | train | evaluate | status | ...`.

Commands import what they need when they run: TensorFlow takes seconds to load.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from deepcolor.chain.graph import find_project_root
from deepcolor.chain.staging import load_staged, stage_chain
from deepcolor.colorize.colorize_command import colorize_photos
from deepcolor.errors import DeepColorError, user_errors
from deepcolor.export.export_command import export_network
from deepcolor.kaggle import Service
from deepcolor.web.serve_command import serve_app


class Interruptible(TyperGroup):
    """Tells whoever presses Ctrl-C how to go on; typer itself says only that it was aborted."""

    def invoke(self, context: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            _stderr().print("interrupted; run the same command again to go on")
            raise SystemExit(130) from None


app = typer.Typer(
    cls=Interruptible,
    help="Colorize black-and-white photos, and run the Kaggle kernels that learn how to.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False, soft_wrap=True)

OnOption = Annotated[
    Service, typer.Option(help="The service: the stand-in on this machine, or Kaggle.")
]
PortOption = Annotated[int, typer.Option(help="Port of the stand-in; 0 for any free one.")]
DataOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Photos to learn from: a folder, a zip such as celebs.zip, or OWNER/SLUG of a dataset "
        "on Kaggle. May be given several times."
    ),
]
ElsewhereOption = Annotated[
    Path | None, typer.Option(help="Portraits from elsewhere to evaluate on: a folder or a zip.")
]


@app.command()
def stage(
    owner: Annotated[
        str | None, typer.Option(help="Kaggle user name; by default the authenticated user.")
    ] = None,
    on: OnOption = Service.KAGGLE,
    data: DataOption = None,
    elsewhere: ElsewhereOption = None,
) -> None:
    """Write build/kernels/* and build/datasets/*, ready for plain `kaggle kernels push -p`."""
    from deepcolor.chain.samples import sample_elsewhere
    from deepcolor.kaggle.connect import connect

    root = find_project_root()
    owner = owner or connect(on, root).username
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
    """Run the whole chain, download the model it trained, and colorize a photo with it.

    Without --data, the stand-in learns from drawn portraits, and Kaggle from CelebA.
    """
    from deepcolor.chain.run import run_chain

    run_chain(find_project_root(), on, data or (), elsewhere, port, console)


@app.command()
def prepare(
    sources: Annotated[list[Path], typer.Argument(help="Folders and zips of photos.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the records.")],
    image_size: Annotated[int, typer.Option(help="Side: a multiple of 32 up to 512.")] = 128,
    crop: Annotated[str, typer.Option(help="squash, center or upper.")] = "squash",
    max_bad: Annotated[float, typer.Option(help="Share of bad photos that is too much.")] = 0.1,
    shard_examples: Annotated[
        int, typer.Option(help="Photos per shard; each of several training workers needs its own.")
    ] = 1024,
    workers: Annotated[int, typer.Option(help="Threads; 0 for one per core.")] = 0,
    beam: Annotated[
        str | None, typer.Option(help="Options of an Apache Beam pipeline to prepare with.")
    ] = None,
) -> None:
    """Turn photos into records on this machine, as the prepare kernel does on Kaggle."""
    from colorization.config import Preparation
    from deepcolor.local.prepare import prepare_photos

    with user_errors(ValueError):
        config = Preparation(image_size, crop, max_bad=max_bad, shard_examples=shard_examples)
    console.print(prepare_photos(sources, output, config, workers, beam))


@app.command()
def train(
    recipe: Annotated[
        str, typer.Argument(help="autoencoder, autoencoder-translation, zhang, unet or unet-fine.")
    ],
    records: Annotated[
        list[str],
        typer.Argument(help="Folders of records; FOLDER=3 gives one three shares of every batch."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the network.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting to change, as epochs=5 or augmentation.flip=0."),
    ] = None,
) -> None:
    """Train a network by a recipe on this machine; run again, it goes on where it stopped."""
    from deepcolor.local.train import parse_folders, parse_settings, train_network

    train_network(parse_settings(recipe, settings or ()), parse_folders(records), output)


@app.command()
def evaluate(
    models: Annotated[list[Path], typer.Argument(help="Networks: .keras files.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for results and figures.")],
    records: Annotated[
        list[str], typer.Option(help="NAME=FOLDER of records, whose validation split is measured.")
    ],
    photos: Annotated[
        list[str] | None, typer.Option(help="NAME=SOURCE: a folder or a zip of whole photos.")
    ] = None,
    faces: Annotated[
        list[str] | None, typer.Option(help="NAME of a set to measure by skin tone, too.")
    ] = None,
    photo_size: Annotated[int, typer.Option(help="Longer side of whole photos, pixels.")] = 256,
    max_photos: Annotated[int, typer.Option(help="Photos of each set, at most.")] = 2000,
    inception: Annotated[
        Path | None, typer.Option(help="Your file of InceptionV3's weights: adds the FID.")
    ] = None,
    vgg: Annotated[
        Path | None, typer.Option(help="Your file of VGG16's weights: adds what it sees.")
    ] = None,
) -> None:
    """Measure networks beside baselines, as the evaluate kernel does on Kaggle."""
    from colorization.config import Evaluation
    from deepcolor.local.train import evaluate_networks

    config = Evaluation(photo_size, max_photos)
    evaluate_networks(models, records, photos or (), faces or (), output, config, inception, vgg)


@app.command()
def status(on: OnOption = Service.LOCAL, port: PortOption = 0) -> None:
    """Show the status of the chain: what ran, what is published, what is out of date."""
    from deepcolor.chain.status import chain_status, status_table
    from deepcolor.kaggle.connect import connect

    root = find_project_root()
    staged = load_staged(root / "build")
    client = connect(on, root, port)
    with console.status("asking the service"):
        rows = chain_status(client, staged)
    console.print(status_table(rows, staged.owner))


@app.command()
def download(on: OnOption = Service.LOCAL, port: PortOption = 0) -> None:
    """Download the model dataset, and install its best model as the one `coloriser` uses."""
    from deepcolor.chain.run import download_model
    from deepcolor.kaggle.connect import connect

    root = find_project_root()
    download_model(connect(on, root, port), root / "build" / on, console)


app.command("colorize")(colorize_photos)
app.command("app")(serve_app)
app.command("export")(export_network)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def local(context: typer.Context, port: PortOption = 0) -> None:
    """Run any command against the stand-in: deepcolor local -- kaggle kernels list --mine."""
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
    """Run the command line; what the user can mend is told in plain words."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow says hello
    try:
        app()
    except DeepColorError as error:
        _stderr().print(f"[bold red]error:[/bold red] {escape(str(error))}")
        raise SystemExit(1) from None


def _stderr() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=True)
