"""Measure the shipped network again, and write everything that reports how good it is.

    python -m docs.build.remeasure PHOTOS                    # every step
    python -m docs.build.remeasure PHOTOS --from evaluate    # this step and those after it

PHOTOS is a folder with the archives of `RECORDS`, `faces-val.zip`, `wild/` and `historical/`. The
steps are commands of this project; each is printed before it runs:

    prepare     records: all sets of photos, and portraits at 128 pixels for figure 2
    train       train the shipped network and its hints, some four hours on two cores
    figure2     train figure 2 on the portraits, without and with translations, from five seeds
    all-photos  figure 2 on all photos of the shipped network, without and with translations; the
                latter is models/autoencoder-translation.keras
    evaluate    models/results.json, and what the experiments with our network write to docs/build
    answers     answers/results: the auto-encoders on the portraits and elsewhere, and our classes
    picture     docs/images/examples.jpg and hints.jpg
    pages       the tables of the README, the docs and the model card; answers.pdf

Trainings that are finished are kept. `train` only writes to `--work`: to ship its last network,
copy it to `models/`, run `python -m docs.build.package_networks`, and begin with `evaluate`.
Intermediate files are kept in `--work`.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, get_args
from zipfile import ZipFile

import typer

from colorization.files import save_json
from docs.build.markdown_tables import sort_sets
from docs.build.tables import BUILD, RESULTS, ROOT

MODEL = ROOT / "models" / "deep-colorization.keras"
FIGURE_2 = ROOT / "models" / "autoencoder-translation.keras"
ANSWERS = ROOT / "answers" / "results"
PREVIOUS = "b75b3a6:models/deep-colorization.keras"  # the previous network, in git
Step = Literal[
    "prepare",
    "train",
    "figure2",
    "all-photos",
    "evaluate",
    "answers",
    "picture",
    "pages",
]
STEPS: tuple[Step, ...] = get_args(Step)


class PhotoSet(NamedTuple):
    """How an archive of photos is prepared."""

    image_size: int  # pixels
    crop: str
    validation: float  # share of the photos
    share: int  # of a batch of 32, in training


RECORDS = {
    # Their evaluation set is an archive of its own.
    "faces": PhotoSet(160, "squash", 0.03, 8),
    "portraits": PhotoSet(160, "squash", 0.1, 4),
    "people-wide": PhotoSet(160, "center", 0.031, 9),
    "things-wide": PhotoSet(160, "center", 0.041, 8),
    "objects": PhotoSet(192, "squash", 0.1, 2),
    "scenes": PhotoSet(192, "squash", 0.1, 1),
}
# The recipes of the network that ships, one after another, and what was changed of each.
SHIPPED = (
    ("unet", "epochs=6"),
    ("unet-hints",),
    ("unet-fine", "epochs=1", "optimizer.learning_rate=5e-4"),
    ("unet-hints", "start=unet-hints,unet-fine", "optimizer.learning_rate=7e-4"),
    ("unet-hints", "start=unet-hints", "optimizer.learning_rate=7e-4"),
    ("unet-fine", "start=unet-fine", "epochs=4", "seed=1"),
    ("unet-hints", "start=unet-hints,unet-fine", "epochs=1", "optimizer.learning_rate=7e-4"),
)
AUTOENCODERS = ("autoencoder", "autoencoder-translation")
# As many steps as 29 epochs of the portraits.
ALL_PHOTOS = ("mixed_precision=true", "epochs=1")
# Other faces in the archives are crops of photographs that portraits.zip holds, too.
FACE_PREFIXES = ("utk_", "lfw_")
UNPACKED = {"prepare": "faces-train", "evaluate": "faces-val"}
# Photos in the public domain, which may be published.
PUBLISHABLE = ("gsa_*", "pif_*")

Command = list[str | Path]


def deepcolor(*words: str | Path) -> Command:
    """Return a command of `deepcolor`."""
    return [Path(sys.executable).with_name("deepcolor"), *words]


def module(name: str, *words: str | Path) -> Command:
    """Return a command that runs one of this repository's modules."""
    return [sys.executable, "-m", name, *words]


def options(**values: Path | str) -> list[str | Path]:
    """Return `--name value` for each keyword."""
    return [word for name, value in values.items() for word in (f"--{name}", value)]


def prepare(name: str, photos: Path, work: Path) -> Command:
    """Return the command that prepares one of `RECORDS`."""
    source = work / UNPACKED["prepare"] if name == "faces" else photos / f"{name}.zip"
    chosen = RECORDS[name]
    return deepcolor(
        "prepare", source, "-o", work / "records" / name, "--crop", chosen.crop,
        "--image-size", str(chosen.image_size), "--validation-fraction", str(chosen.validation),
        "--shard-examples", "512",
    )  # fmt: skip


def shares(work: Path) -> list[str]:
    """Return all records as `FOLDER=SHARE` of a batch."""
    return [f"{work / 'records' / name}={chosen.share}" for name, chosen in RECORDS.items()]


def train(recipe: str, work: Path, *settings: str) -> Command:
    """Return the command that trains a recipe on all photos, in their shares."""
    changed = [f"--set={setting}" for setting in settings]
    return deepcolor("train", recipe, *shares(work), *changed, "-o", work / "networks")


def untranslated(work: Path) -> Path:
    """Return the file of figure 2 on all photos without translations, which is only measured."""
    return work / "all-photos" / f"{AUTOENCODERS[0]}.keras"


def all_photos_commands(work: Path) -> list[Command]:
    """List the commands that train figure 2 twice on all photos, and store it in half precision."""
    listed: list[Command] = []
    for recipe, target in zip(AUTOENCODERS, (untranslated(work), FIGURE_2), strict=True):
        name = f"{recipe}-all-photos"
        trained = work / "networks" / f"{name}.keras"
        listed.append(train(recipe, work, f"name={name}", *ALL_PHOTOS))
        listed.append(module("experiments.halve_weights", trained, target))
    return listed


def commands(step: Step, photos: Path, work: Path) -> list[Command]:
    """List the commands of a step."""
    figure2 = work / "records" / "figure2"
    match step:
        case "prepare":
            portraits = deepcolor("prepare", photos / "portraits.zip", "-o", figure2)
            return [*(prepare(name, photos, work) for name in RECORDS), portraits]
        case "train":
            return [train(recipe, work, *changed) for recipe, *changed in SHIPPED]
        case "figure2":
            seeds = options(output=work / "networks", summary=ANSWERS / "seeds.json")
            return [
                module("experiments.figure2", figure2, "--output", work / "networks"),
                module("experiments.seeds", figure2, photos / "wild", *seeds),
            ]
        case "all-photos":
            return all_photos_commands(work)
        case "evaluate":
            return evaluate_commands(photos, work)
        case "answers":
            return answers_commands(photos, work)
        case "picture":
            return [module("docs.build.draw_examples"), module("docs.build.draw_hints")]
        case "pages":
            return [module("docs.build.tables"), module("answers.build")]


def evaluate_commands(photos: Path, work: Path) -> list[Command]:
    """List the commands that measure every network on every set."""
    previous = work / "networks" / "previous.keras"
    sets: list[str | Path] = []
    for name in RECORDS:
        if name != "faces":
            sets += options(records=f"{name}={work / 'records' / name}")
    wild, faces = photos / "wild", work / "faces-val"
    for name, folder in {"faces": faces, "wild": wild}.items():
        sets += options(photos=f"{name}={folder}")
    tones = [*options(faces="faces"), *options(faces="portraits")]
    seen = options(baseline=work / "records" / "faces")
    records = [work / "records" / name for name in RECORDS]
    films = options(portraits=photos / "historical", previous=previous)
    archives = [photos / f"{name}.zip" for name in ("portraits", "scenes", "objects")]

    def ours(name: str) -> list[str | Path]:
        return options(model=MODEL, output=BUILD / f"{name}.json")

    return [
        deepcolor("evaluate", untranslated(work), FIGURE_2, MODEL, previous, *sets, *tones, *seen,
                  "-o", work / "release"),
        module("experiments.strength", *sets, *ours("strength")),
        module("experiments.old_film", *records[:2], *films, *ours("old_film")),
        module("experiments.hints", *sets, "--most", "40", *ours("hints")),
        module("experiments.corrections", *sets, *ours("corrections")),
        module("experiments.generalization", *records, *ours("generalization")),
        module("experiments.sizes", wild, faces, *archives, "--limit", "40", *ours("sizes")),
        module("experiments.upsampling", wild, *ours("upsampling")),
    ]  # fmt: skip


def answers_commands(photos: Path, work: Path) -> list[Command]:
    """List the commands that measure what the answers report."""
    records, networks, wild = work / "records" / "figure2", work / "networks", photos / "wild"
    models = [*(networks / f"{name}.keras" for name in AUTOENCODERS), MODEL]
    sets = options(records=f"validation={records}", photos=f"elsewhere={wild}")
    collect = options(records=records, networks=networks, unet=MODEL, elsewhere=wild,
                      evaluation=work / "evaluation")  # fmt: skip
    for pattern in PUBLISHABLE:
        collect += options(publishable=pattern)
    heads = options(elsewhere=wild, output=work / "rebalancing",
                    summary=ANSWERS / "rebalancing.json")  # fmt: skip
    return [
        deepcolor("evaluate", *models, *sets, "-o", work / "evaluation"),
        module("answers.collect", *collect),
        module("experiments.rebalancing", *shares(work), *heads),
    ]


def unpack_faces(archive: Path, folder: Path) -> None:
    """Replace a folder with the faces of `FACE_PREFIXES` from an archive."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with ZipFile(archive) as files:
        for name in files.namelist():
            if Path(name).name.startswith(FACE_PREFIXES):
                (folder / Path(name).name).write_bytes(files.read(name))


def restore_previous(file: Path) -> None:
    """Write the network that shipped before, as git has kept it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    command = ["git", "-C", str(ROOT), "show", PREVIOUS]
    file.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)


def main(
    photos: Annotated[Path, typer.Argument(help="Folder of the archives and of `wild/`.")],
    work: Annotated[
        Path, typer.Option(help="Folder for intermediate files.", show_default="build/remeasure")
    ] = (ROOT / "build" / "remeasure"),
    first: Annotated[Step, typer.Option("--from", help="The first step to run.")] = STEPS[0],
) -> None:
    """Measure the shipped network again, and write everything that reports how good it is."""
    photos, work = photos.resolve(), work.resolve()
    for step in STEPS[STEPS.index(first) :]:
        if name := UNPACKED.get(step):
            unpack_faces(photos / f"{name}.zip", work / name)
        if step == "evaluate":
            restore_previous(work / "networks" / "previous.keras")
        for command in commands(step, photos, work):
            print(f"\n[{step}]", *command, flush=True)
            subprocess.run(command, cwd=ROOT, check=True)
        if step == "evaluate":
            results = json.loads((work / "release" / "results.json").read_text("utf-8"))
            save_json(RESULTS, {part: sort_sets(sets) for part, sets in results.items()})


if __name__ == "__main__":
    typer.run(main)
