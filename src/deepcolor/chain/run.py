"""`deepcolor run`: stage the chain, run it, download the model, colorize a photo."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from colorization.data.sources import open_photos
from colorization.files import atomic_path
from colorization.inference.model_path import downloaded_model_path
from deepcolor.chain.datasets import check_photos
from deepcolor.chain.demo_picture import draw_picture
from deepcolor.chain.result_paths import PICTURE, result_paths
from deepcolor.chain.runner import Chain
from deepcolor.chain.staging import is_handle, stage_chain
from deepcolor.colorize.onnx_network import NETWORK, SMALL
from deepcolor.errors import DeepColorError, has_extra, missing_extra
from deepcolor.kaggle import Service
from deepcolor.kaggle.client import KaggleClient
from deepcolor.kaggle.connect import connect
from deepcolor.portraits import sample_elsewhere, sample_photos

MODEL = "deep-colorization-model"
RESULTS = "deep-colorization-results"
# The exports that the command and the web page start with: see docs/serving.md.
STARTUP_EXPORTS = (NETWORK, "chroma" + SMALL)


def run_chain(
    root: Path,
    service: Service,
    data: Sequence[str | Path],
    elsewhere: Path | None,
    port: int,
    console: Console,
    verbose: bool = False,
) -> None:
    """Run the whole chain on a service and end with a colorized picture.

    Without `data`, `stage_chain` takes drawings on the stand-in and CelebA on Kaggle. Without
    `elsewhere`, a folder or zip, sample portraits are taken. Port 0 is any free one.

    Raises:
        DeepColorError: If something fails that the user can correct.
    """
    samples = root / "build" / "samples"
    for source in (*data, *([elsewhere] if elsewhere else [])):
        if is_handle(source):
            console.print(
                f"{source}: not a path on this machine, so it is taken as a dataset on Kaggle"
            )
        else:
            check_photos(Path(source))
    drawn = not data and service is Service.LOCAL
    if drawn:
        console.print("No --data: training on drawn portraits (for real photos: --data celebs.zip)")
        data = [sample_photos(samples / "photos")]
    elsewhere = elsewhere or sample_elsewhere(samples / "elsewhere")
    client = connect(service, root, port)
    build = root / "build" / service
    staged = stage_chain(root, root / "build", client.username, data, elsewhere)
    Chain(client, staged, build, console, verbose).run()
    # A network trained on drawings must not become the default for photos.
    model = download_model(client, build, console, install=not drawn)
    draw_picture(open_photos(elsewhere, build / "scratch")[0], model, build / PICTURE)
    console.print()
    for name, path in result_paths(build).items():
        console.print(f"{name:10}{escape(str(path))}")


def download_model(
    client: KaggleClient, build: Path, console: Console, install: bool = True
) -> Path:
    """Download the model dataset to `build`, and return the path of its best model.

    With `install` it becomes the default of `coloriser`, and is exported for ONNX Runtime if the
    converter is installed.

    Raises:
        DeepColorError: If no model was evaluated yet.
    """
    results = client.dataset_json(f"{client.username}/{RESULTS}", "results.json")
    if results is None or "best" not in results:
        raise DeepColorError(
            f"dataset {client.username}/{RESULTS} does not say which model is best: run the chain "
            "to its end first (`deepcolor run`)"
        )
    best = f"{results['best']}.keras"
    folder = build / "model"
    shutil.rmtree(folder, ignore_errors=True)
    with console.status("downloading the model"):
        client.download_dataset(f"{client.username}/{MODEL}", folder)
    if not install:
        console.print(f"[green]✓[/green] [bold]model[/bold]: {folder / best}")
        return folder / best
    target = downloaded_model_path()
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(target) as part:
        shutil.copy(folder / best, part)
    console.print(f"[green]✓[/green] [bold]model[/bold]: {best} → {target}")
    _export(target, console)
    return target


def _export(model: Path, console: Console) -> None:
    if not has_extra("export"):
        console.print(f"not exported for ONNX Runtime: {missing_extra('export')}")
        return
    from deepcolor.export.export_model import export_model

    try:
        with console.status("exporting the model for ONNX Runtime"):
            exported = export_model(model, model.parent, kinds=STARTUP_EXPORTS)
    except (RuntimeError, ValueError) as error:  # the model works without its exports
        console.print(
            f"[yellow]the model was not exported for ONNX Runtime: {escape(str(error))}[/yellow]"
        )
        return
    console.print(
        f"[green]✓[/green] [bold]exports[/bold]: {', '.join(made.path.name for made in exported)}"
    )
