"""Measure the network that ships again, and write everything that says how good it is.

    python -m docs.build.remeasure PHOTOS                    # all of it
    python -m docs.build.remeasure PHOTOS --from evaluate    # begin with one of the steps

PHOTOS is a folder with `faces-train.zip`, `portraits.zip`, `objects.zip`, `scenes.zip`,
`faces-val.zip` and `wild/`.
The steps are commands of this project; each is printed before it runs:

    prepare     records: of the portraits at 128 for figure 2, of what is measured, of all photos
    figure2     train figure 2, without and with translations: what is trained is kept
    all-photos  train figure 2 on all that the network that ships has learnt from
    paper       train the paper's network on the same, as far as two cores can: at 64 pixels
    evaluate    models/results.json and docs/build/strength.json
    answers     answers/results: the two auto-encoders on the portraits and elsewhere
    picture     docs/images/portraits.jpg
    pages       the tables of the README and of the model card; answers.pdf

What they leave between lies in `--work`, build/remeasure. A new network needs `--from evaluate`.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated
from zipfile import ZipFile

import typer

from colorization.files import save_json
from docs.build.measured import BUILD, RESULTS, ROOT

MODEL = ROOT / "models" / "deep-colorization.keras"
STEPS = ("prepare", "figure2", "all-photos", "paper", "evaluate", "answers", "picture", "pages")
AUTOENCODERS = ("autoencoder", "autoencoder-translation")
# What these steps train on all photos: its name, its recipe, and the settings that differ.
ON_ALL_PHOTOS = {
    "all-photos": ("autoencoder-all-photos", "autoencoder", {"image_size": 128}),
    "paper": ("zhang-64", "zhang", {"image_size": 64, "epochs": 8}),
}
# Of the faces' archives: the others are crops of photographs of which portraits.zip has crops, too.
FACES = ("utk_", "lfw_")
UNPACKED = {"prepare": "faces-train", "evaluate": "faces-val"}
ORDER = ("portraits", "faces", "wild", "objects", "scenes")
# Public domain: these may be shown.
SHOWN = ("gsa_*", "pif_*")

Command = list[str | Path]


def deepcolor(*words: str | Path) -> Command:
    """Return a command of `deepcolor`."""
    return [Path(sys.executable).with_name("deepcolor"), *words]


def sources(photos: Path, work: Path) -> dict[str, tuple[list[Path], int]]:
    """Return what each folder of records is made of, and the size of its images."""
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


def commands(step: str, photos: Path, work: Path) -> list[Command]:
    """List the commands of a step.

    Args:
        step: One of `STEPS`.
        photos: Folder of the photos.
        work: Folder for what lies between.
    """
    python, records = sys.executable, work / "records"
    networks = [work / "networks" / f"{name}.keras" for name in AUTOENCODERS]
    faces, wild = work / "faces-val", photos / "wild"
    if step == "prepare":
        return [
            deepcolor("prepare", *given, "-o", records / name, "--image-size", str(size))
            for name, (given, size) in sources(photos, work).items()
        ]
    if step == "figure2":
        return [
            [
                python,
                "-m",
                "experiments.figure2",
                records / "figure2",
                "--output",
                work / "networks",
            ]
        ]
    if step in ON_ALL_PHOTOS:
        name, recipe, changed = ON_ALL_PHOTOS[step]
        shares = [f"{records / 'people'}=25", f"{records / 'things'}=7"]
        settings = [f"--set={key}={value}" for key, value in {"name": name, **changed}.items()]
        return [deepcolor("train", recipe, *shares, *settings, "-o", work / "networks")]
    if step == "evaluate":
        given = {name: records / name for name in ("portraits", "objects", "scenes")}
        sets = {"faces": faces, "wild": wild}
        options = [
            *(word for name, path in given.items() for word in ("--records", f"{name}={path}")),
            *(word for name, path in sets.items() for word in ("--photos", f"{name}={path}")),
        ]
        tones = ["--faces", "faces", "--faces", "portraits"]
        others = [work / "networks" / f"{name}.keras" for name, *_ in ON_ALL_PHOTOS.values()]
        compared = [MODEL, *networks, *others]
        strength = [python, "-m", "experiments.strength", MODEL, *options]
        return [
            deepcolor("evaluate", *compared, *options, *tones, "-o", work / "release"),
            [*strength, "--output", BUILD / "strength.json"],
        ]
    if step == "answers":
        evaluation = work / "evaluation"
        sets = ["--records", f"validation={records / 'figure2'}", "--photos", f"elsewhere={wild}"]
        given = {"records": records / "figure2", "networks": work / "networks", "unet": MODEL,
                 "evaluation": evaluation, "elsewhere": wild}  # fmt: skip
        options = [word for name, path in given.items() for word in (f"--{name}", path)]
        shown = [word for pattern in SHOWN for word in ("--publishable", pattern)]
        return [
            deepcolor("evaluate", *networks, MODEL, *sets, "-o", evaluation),
            [python, "-m", "answers.collect", *options, *shown],
        ]
    if step == "picture":
        return [[python, "-m", "docs.build.draw_portraits", wild, *SHOWN]]
    return [[python, "-m", "docs.build.tables"], [python, "-m", "answers.build"]]


def unpack_faces(archive: Path, folder: Path) -> None:
    """Write the faces of two sources, and nothing else, into a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with ZipFile(archive) as files:
        for name in files.namelist():
            if Path(name).name.startswith(FACES):
                (folder / Path(name).name).write_bytes(files.read(name))


def people_first(results: dict) -> dict:
    """Put the sets into the order of the tables.

    Args:
        results: As `deepcolor evaluate` writes them.
    """
    return {part: {name: found[name] for name in ORDER} for part, found in results.items()}


def main(
    photos: Annotated[Path, typer.Argument(help="Folder of the archives.", resolve_path=True)],
    work: Annotated[
        Path, typer.Option(help="Keep intermediate files in this folder.", resolve_path=True)
    ] = ROOT / "build" / "remeasure",
    first: Annotated[
        str, typer.Option("--from", help=f"Begin with this step: {', '.join(STEPS)}.")
    ] = STEPS[0],
) -> None:
    """Measure everything again, beginning with a step."""
    if first not in STEPS:
        raise typer.BadParameter(f"`--from` must be one of {', '.join(STEPS)}, received {first!r}")
    for step in STEPS[STEPS.index(first) :]:
        if name := UNPACKED.get(step):
            unpack_faces(photos / f"{name}.zip", work / name)
        for command in commands(step, photos, work):
            print(f"\n[{step}]", *command, flush=True)
            subprocess.run(command, cwd=ROOT, check=True)
        if step == "evaluate":
            found = json.loads((work / "release" / "results.json").read_text("utf-8"))
            save_json(RESULTS, people_first(found))


if __name__ == "__main__":
    typer.run(main)
