"""Measure the shipped network again, and write everything that reports how good it is.

    python -m docs.build.remeasure PHOTOS                    # every step
    python -m docs.build.remeasure PHOTOS --from evaluate    # this step and those after it

PHOTOS is a folder with `faces-train.zip`, `portraits.zip`, `objects.zip`, `scenes.zip`,
`faces-val.zip` and `wild/`. The steps are commands of this project; each is printed before it runs:

    prepare     records: portraits at 128 pixels for figure 2, the measured sets, all photos
    figure2     train figure 2, without and with translations; finished trainings are kept
    all-photos  train figure 2 on all photos that the shipped network has learned from
    paper       train the paper's network on the same photos, at 64 pixels
    evaluate    models/results.json and docs/build/strength.json
    answers     answers/results: the two auto-encoders on the portraits and elsewhere
    picture     docs/images/portraits.jpg
    pages       the tables of the README, the docs and the model card; answers.pdf

Intermediate files are kept in `--work`. After a change of the network, begin with `evaluate`.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Literal, get_args
from zipfile import ZipFile

import typer

from colorization.files import save_json
from docs.build.markdown_tables import sort_sets
from docs.build.tables import BUILD, RESULTS, ROOT

MODEL = ROOT / "models" / "deep-colorization.keras"
Step = Literal[
    "prepare", "figure2", "all-photos", "paper", "evaluate", "answers", "picture", "pages"
]
STEPS: tuple[Step, ...] = get_args(Step)
AUTOENCODERS = ("autoencoder", "autoencoder-translation")
# Name, recipe and changed settings of the networks that these steps train on all photos.
ON_ALL_PHOTOS = {
    "all-photos": ("autoencoder-all-photos", "autoencoder", {"image_size": 128}),
    "paper": ("zhang-64", "zhang", {"image_size": 64, "epochs": 8}),
}
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


def record_sources(photos: Path, work: Path) -> dict[str, tuple[list[Path], int]]:
    """Return the photos and the image size of each folder of records."""
    portraits, objects, scenes = (
        photos / f"{name}.zip" for name in ("portraits", "objects", "scenes")
    )
    return {
        "figure2": ([portraits], 128),
        "portraits": ([portraits], 160),
        "objects": ([objects], 192),
        "scenes": ([scenes], 192),
        "people": ([work / UNPACKED["prepare"], portraits], 160),
        "things": ([objects, scenes], 192),
    }


def commands(step: Step, photos: Path, work: Path) -> list[Command]:
    """List the commands of a step."""
    records, networks = work / "records", work / "networks"
    if step == "prepare":
        return [
            deepcolor("prepare", *sources, "-o", records / name, "--image-size", str(size))
            for name, (sources, size) in record_sources(photos, work).items()
        ]
    if step == "figure2":
        return [module("experiments.figure2", records / "figure2", "--output", networks)]
    if step in ON_ALL_PHOTOS:
        name, recipe, changed = ON_ALL_PHOTOS[step]
        folders = [f"{records / 'people'}=25", f"{records / 'things'}=7"]
        settings = [f"--set={key}={value}" for key, value in {"name": name, **changed}.items()]
        return [deepcolor("train", recipe, *folders, *settings, "-o", networks)]
    if step == "evaluate":
        return evaluate_commands(photos, work)
    if step == "answers":
        return answers_commands(photos, work)
    if step == "picture":
        return [module("docs.build.draw_portraits", photos / "wild", *PUBLISHABLE)]
    return [module("docs.build.tables"), module("answers.build")]


def evaluate_commands(photos: Path, work: Path) -> list[Command]:
    """List the commands that measure every network on every set."""
    names = [*AUTOENCODERS, *(name for name, *_ in ON_ALL_PHOTOS.values())]
    models = [MODEL, *(work / "networks" / f"{name}.keras" for name in names)]
    sets: list[str | Path] = []
    for name in ("portraits", "objects", "scenes"):
        sets += options(records=f"{name}={work / 'records' / name}")
    for name, folder in {"faces": work / "faces-val", "wild": photos / "wild"}.items():
        sets += options(photos=f"{name}={folder}")
    tones = [*options(faces="faces"), *options(faces="portraits")]
    strength = options(model=MODEL, output=BUILD / "strength.json")
    return [
        deepcolor("evaluate", *models, *sets, *tones, "-o", work / "release"),
        module("experiments.strength", *sets, *strength),
    ]


def answers_commands(photos: Path, work: Path) -> list[Command]:
    """List the commands that measure what the answers report."""
    records, networks, wild = work / "records" / "figure2", work / "networks", photos / "wild"
    models = [*(networks / f"{name}.keras" for name in AUTOENCODERS), MODEL]
    sets = options(records=f"validation={records}", photos=f"elsewhere={wild}")
    collect = options(records=records, networks=networks, unet=MODEL, elsewhere=wild,
                      evaluation=work / "evaluation")  # fmt: skip
    for pattern in PUBLISHABLE:
        collect += options(publishable=pattern)
    return [
        deepcolor("evaluate", *models, *sets, "-o", work / "evaluation"),
        module("answers.collect", *collect),
    ]


def unpack_faces(archive: Path, folder: Path) -> None:
    """Replace a folder with the faces of `FACE_PREFIXES` from an archive."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with ZipFile(archive) as files:
        for name in files.namelist():
            if Path(name).name.startswith(FACE_PREFIXES):
                (folder / Path(name).name).write_bytes(files.read(name))


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
        for command in commands(step, photos, work):
            print(f"\n[{step}]", *command, flush=True)
            subprocess.run(command, cwd=ROOT, check=True)
        if step == "evaluate":
            results = json.loads((work / "release" / "results.json").read_text("utf-8"))
            save_json(RESULTS, {part: sort_sets(sets) for part, sets in results.items()})


if __name__ == "__main__":
    typer.run(main)
