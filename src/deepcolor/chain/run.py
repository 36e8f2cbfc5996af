"""One command for everything: stage, run the chain, download the model, colorize a photo."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from colorization.data.image_io import read_photo
from colorization.data.sources import open_photos
from colorization.inference.colorize import coloriser, downloaded_model_path, load_model
from deepcolor.chain.datasets import check_photos
from deepcolor.chain.runner import Chain
from deepcolor.chain.samples import sample_elsewhere, sample_photos
from deepcolor.chain.staging import is_handle, stage_chain
from deepcolor.colorize.encode import save_photo
from deepcolor.colorize.onnx_network import NETWORK, SMALL
from deepcolor.colorize.side_by_side import side_by_side, to_grayscale
from deepcolor.export.export_command import missing_converters
from deepcolor.kaggle.connect import Service, ServiceName, open_service

MODEL = "deep-colorization-model"
MODELS = "models.json"
# What the command and the web page start with, where a model is kept: see docs/serving.md.
LIGHT = (NETWORK, "chroma" + SMALL)


def run_chain(
    root: Path,
    on: ServiceName,
    data: Sequence[str | Path],
    elsewhere: Path | None,
    port: int,
    console: Console,
) -> None:
    """Run the whole chain on a service and end with a colorized picture.

    Args:
        root: Folder of the project.
        on: The service.
        data: Photos to learn from, as `stage_chain` takes them; if there are none, drawings on the
            stand-in and CelebA on Kaggle.
        elsewhere: Portraits from elsewhere; sample ones if None.
        port: Port of the stand-in.
        console: Where progress is shown.

    Raises:
        DeepColorError: If something fails that the user can mend.
    """
    samples = root / "build" / "samples"
    for source in (*data, *([elsewhere] if elsewhere else [])):
        if is_handle(source):
            console.print(f"{source}: no such path here, so it is the dataset on Kaggle")
        else:
            check_photos(Path(source))
    drawn = not data and on is ServiceName.LOCAL
    if drawn:
        console.print(
            "No --data: learning from drawn portraits (for real photos: --data celebs.zip)"
        )
        data = [sample_photos(samples / "photos")]
    elsewhere = elsewhere or sample_elsewhere(samples / "elsewhere")
    service = open_service(on, root, port)
    staged = stage_chain(root, root / "build", service.owner, data, elsewhere)
    Chain(service.kaggle, staged, service.build, console).run()
    # A network that has seen drawings alone must not become the one that colors people's photos.
    model = download_model(service, console, keep=not drawn)
    picture = _colorize_one(elsewhere, model, service.build)
    outputs = service.build / "outputs"
    console.print(f"\nreport    {outputs / 'evaluate' / 'report.html'}")
    console.print(f"notebook  {outputs / 'report' / '__results__.html'}")
    console.print(f"logs      {service.build / 'logs'}")
    console.print(f"[bold]picture   {picture}[/bold]")


def download_model(service: Service, console: Console, keep: bool = True) -> Path:
    """Download the model dataset and keep its best model as the default of `coloriser`.

    What starts fast is exported beside the model that is kept, if the converter is installed.

    Args:
        service: Where the dataset is.
        console: Where the model's path is told.
        keep: Whether to make it the default; else it stays in the build folder.

    Returns:
        Path of the model.
    """
    folder = service.build / "model"
    shutil.rmtree(folder, ignore_errors=True)
    with console.status("downloading the model"):
        service.kaggle.download(f"{service.owner}/{MODEL}", folder)
    best: str = json.loads((folder / MODELS).read_text("utf-8"))["best"]
    if not keep:
        console.print(f"[green]✓[/green] [bold]model[/bold]: {folder / best}")
        return folder / best
    target = downloaded_model_path()
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    shutil.copy(folder / best, part)
    part.replace(target)
    console.print(f"[green]✓[/green] [bold]model[/bold]: {best} → {target}")
    _export(target, console)
    return target


def _export(model: Path, console: Console) -> None:
    if missing_converters():
        console.print("`pip install '.[export]'; deepcolor export`: starts faster")
        return
    from deepcolor.export.export_model import export_model

    try:
        with console.status("exporting it for ONNX Runtime"):
            paths = [made.path for made in export_model(model, model.parent, kinds=LIGHT)]
    except (RuntimeError, ValueError) as error:  # the model itself is there, and will do
        console.print(f"[yellow]not exported for ONNX Runtime: {escape(str(error))}[/yellow]")
        return
    console.print(
        f"[green]✓[/green] [bold]exports[/bold]: {', '.join(path.name for path in paths)}"
    )


def _colorize_one(portraits: Path, model: Path, build: Path) -> Path:
    photo = open_photos(portraits, build / "scratch")[0]
    original = read_photo(photo)
    gray = to_grayscale(original)
    colored = coloriser(gray, load_model(model))
    picture = build / "colorized.png"
    save_photo(side_by_side(gray, colored, original), picture)
    return picture
