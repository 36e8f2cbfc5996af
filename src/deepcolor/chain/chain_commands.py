"""The commands of the chain: `deepcolor run | status | doctor | stage | download | local`.

They import what they need when they run.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from deepcolor.chain.graph import find_project_root
from deepcolor.console import open_console
from deepcolor.errors import require_extra
from deepcolor.kaggle import Service

OnOption = Annotated[Service, typer.Option(help="Use the stand-in on this machine, or Kaggle.")]
PortOption = Annotated[
    int, typer.Option(help="Port of the stand-in; 0 picks a free one.", metavar="PORT")
]
DataOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Train on these photos: a folder, a zip file such as celebs.zip, or OWNER/SLUG of a "
        "Kaggle dataset. Repeat the option to add more.",
        metavar="PHOTOS",
    ),
]
ElsewhereOption = Annotated[
    Path | None,
    typer.Option(
        help="Also evaluate on these portraits, a folder or a zip file.", metavar="PHOTOS"
    ),
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show the logs of the kernels as they run.")
]


def run(
    on: OnOption = Service.LOCAL,
    data: DataOption = None,
    elsewhere: ElsewhereOption = None,
    port: PortOption = 0,
    verbose: VerboseOption = False,
) -> None:
    """Run the whole chain, download the trained model, and colorize a photo with it.

    Without --data, the stand-in trains on drawn portraits, and Kaggle on CelebA.
    """
    require_extra("kaggle")
    from deepcolor.chain.lock import locked
    from deepcolor.chain.run import run_chain

    root = find_project_root()
    with locked(root / "build"):
        run_chain(root, on, data or (), elsewhere, port, open_console(), verbose)


def status(on: OnOption = Service.LOCAL, port: PortOption = 0) -> None:
    """Show which kernels ran, what is published, and what is out of date."""
    require_extra("kaggle")
    from deepcolor.chain.result_paths import result_paths
    from deepcolor.chain.staging import load_staged
    from deepcolor.chain.status import chain_status, status_table
    from deepcolor.kaggle.connect import connect

    root = find_project_root()
    staged = load_staged(root / "build")
    client = connect(on, root, port)
    console = open_console()
    with console.status("asking the service"):
        rows = chain_status(client, staged)
    console.print(status_table(rows, staged.owner))
    for name, path in result_paths(root / "build" / on).items():
        console.print(f"  {name:10}{escape(str(path))}")


def stage(
    owner: Annotated[
        str | None,
        typer.Option(help="Kaggle user name; by default, the authenticated user.", metavar="USER"),
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
    console = open_console()
    console.print(f"staged for {owner}, code {staged.datasets[0].fingerprint}:")
    folders = [(item.folder, item.handle) for item in staged.datasets]
    folders += [(item.folder, item.handle) for item in staged.kernels]
    for folder, handle in folders:
        console.print(f"  {folder.relative_to(root)}  →  {handle}")


def doctor(on: OnOption = Service.KAGGLE, data: DataOption = None) -> None:
    """Check what a run needs, before anything is sent: token, GPU hours, names and datasets."""
    require_extra("kaggle")
    from deepcolor.chain.doctor import examine

    console, failed = open_console(), 0
    for finding in examine(find_project_root(), on, data or ()):
        failed += not finding.ok
        mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
        console.print(f"{mark} [bold]{finding.check}[/bold]: {escape(finding.text)}")
    if failed:
        raise typer.Exit(1)


def download(on: OnOption = Service.LOCAL, port: PortOption = 0) -> None:
    """Download the model dataset, and use its best model from now on."""
    require_extra("kaggle")
    from deepcolor.chain.run import download_model
    from deepcolor.kaggle.connect import connect

    root = find_project_root()
    download_model(connect(on, root, port), root / "build" / on, open_console())


def local(context: typer.Context, port: PortOption = 0) -> None:
    """Start the stand-in for Kaggle, and run a command, after --, against it."""
    require_extra("kaggle")
    from deepcolor.kaggle.connect import local_environment, start_stand_in

    endpoint = start_stand_in(find_project_root(), port)
    environment = local_environment(endpoint)
    if not context.args:
        open_console().print(f"the stand-in serves {endpoint.user} at {endpoint.url}")
        return
    program = shutil.which(context.args[0], path=environment["PATH"])
    if program is None:
        raise typer.BadParameter(f"no such command: {context.args[0]}")
    raise typer.Exit(subprocess.run([program, *context.args[1:]], env=environment).returncode)
