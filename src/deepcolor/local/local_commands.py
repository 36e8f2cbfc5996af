"""The commands that work without the chain: `deepcolor prepare | train | evaluate`.

They import what they need when they run.
"""

from pathlib import Path
from typing import Annotated

import typer

from colorization.config import CROPS
from colorization.training.recipes import RECIPE_NAMES
from deepcolor.console import open_console
from deepcolor.errors import wrong_usage


def prepare(
    sources: Annotated[
        list[Path], typer.Argument(help="Folders and zip files of photos.", metavar="PHOTOS")
    ],
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

    with wrong_usage(ValueError):
        config = Preparation(image_size, crop, validation_fraction, shard_examples, max_bad)
    open_console().print(prepare_photos(sources, output, config, workers, beam))


def train(
    recipe: Annotated[
        str, typer.Argument(help=f"One of {', '.join(RECIPE_NAMES)}.", metavar="RECIPE")
    ],
    records: Annotated[
        list[str],
        typer.Argument(
            help="Folders of records. FOLDER=3 takes three times as many images from a folder as "
            "from one without a weight.",
            metavar="RECORDS",
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
    from deepcolor.local.train_arguments import parse_folders, parse_settings

    config, folders = parse_settings(recipe, settings or ()), parse_folders(records)
    from deepcolor.local.train import train_network  # after the checks: it takes seconds

    train_network(config, folders, output)


def evaluate(
    models: Annotated[
        list[Path], typer.Argument(help="Networks, as .keras files.", metavar="NETWORK")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Write results and a report to this folder.")
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
    from deepcolor.local.evaluate_arguments import check_evaluation

    check_evaluation(models, records, photos or (), faces or ())
    from deepcolor.local.evaluate import evaluate_networks  # after the checks: it takes seconds

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
