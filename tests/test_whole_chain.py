"""The whole chain as its user runs it: the real commands, the real kernels, drawn portraits."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import kaggle_local
from colorization.data.image_io import read_photo
from deepcolor.chain.demo_picture import LABEL
from deepcolor.colorize.side_by_side import GAP
from tests.support.real_project import chain_command, copy_project, start

ROOT = Path(__file__).parents[1]
OWNER = "local-kaggler"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the repository with a home of its own and a few portraits."""
    folder = copy_project(tmp_path_factory.mktemp("project"))
    (folder.parent / "photos" / "broken.jpg").write_bytes(b"not a photo")
    yield folder
    kaggle_local.stop(folder / "build" / "kaggle_local")


def edit(file, old, new):
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")


def run(project, *command, status=0):
    process = start(project, *command)
    output = "".join(process.communicate())
    assert process.returncode == status, output[-4000:]
    return output


def run_chain(project, **options):
    return run(project, *chain_command(project), **options)


@pytest.fixture(scope="module")
def output(project):
    return run_chain(project)


pytestmark = pytest.mark.slow


def test_every_stage_runs_and_its_output_is_a_dataset(project, output):
    for number, stage in enumerate(("prepare", "train", "evaluate", "report"), 1):
        assert re.search(rf"✓ \[{number}/4\] {stage} · \d+ (s|min)", output)
    assert "\x1b" not in (project / "build/local/logs/train.log").read_text()
    # The kernel itself published the records: they did not pass through this machine.
    assert not list((project / "build/local/outputs/prepare").rglob("*.tfrecord"))


def test_the_bad_photo_is_named(output):
    assert re.search(r"unreadable: .*broken.jpg: this is not an image", output)


def test_kernels_ran_the_mounted_code_and_not_the_installed_one(project, output):
    code = json.loads((project / "build/datasets/code/manifest.json").read_text())
    ran = json.loads((project / "build/local/outputs/train/manifest.json").read_text())
    assert ran["inputs"]["deep-colorization-code"] == code["fingerprint"]


def test_the_run_ends_in_a_picture_of_gray_two_networks_and_true(project, output):
    pixels = read_photo(Path(re.search(r"picture +(\S+)", output)[1])).astype(int)
    photo = (pixels.shape[1] - 3 * GAP) // 4
    pixels = pixels[LABEL:]
    gray, colored = pixels[:, :photo], pixels[:, photo + GAP : 2 * photo + GAP]
    assert np.ptp(gray, axis=-1).max() <= 2 < np.ptp(colored, axis=-1).mean()


def test_history_results_and_figures_are_there(project, output):
    outputs = project / "build" / "local" / "outputs"
    for run_name in ("autoencoder", "autoencoder-translation"):
        history = json.loads((outputs / "train" / f"{run_name}-history.json").read_text())
        assert len(history["loss"]) == len(history["val_loss"]) == 10
    report = (outputs / "evaluate" / "report.html").read_text()
    assert len(report) < 3_000_000 and "autoencoder-translation: epoch" in report
    scores = json.loads((outputs / "evaluate" / "results.json").read_text())["scores"]
    assert set(scores) == {"validation", "elsewhere"}
    assert {"gray", "mean color", "autoencoder", "autoencoder-translation"} <= set(
        scores["validation"]
    )
    notebook = json.loads((outputs / "report" / "__notebook__.ipynb").read_text())
    images = [
        o
        for c in notebook["cells"]
        for o in c.get("outputs", [])
        if "image/jpeg" in o.get("data", {})
    ]
    assert len(images) >= 14
    printed = json.dumps(notebook["cells"], ensure_ascii=False)
    assert printed.count("sans nouvel entraînement\\n") == 2 and "Epoch 1/10" not in printed


def test_the_best_model_is_installed_and_exported_for_serving(project, output):
    outputs = project / "build" / "local" / "outputs"
    best = json.loads((outputs / "evaluate" / "results.json").read_text())["best"]
    assert f"✓ model: {best}.keras →" in output
    installed = project.parent / "home" / ".local" / "share" / "deep-colorization" / "model.keras"
    assert installed.read_bytes() == (outputs / "train" / f"{best}.keras").read_bytes()
    assert (outputs / "evaluate" / "saved-model" / "1" / "saved_model.pb").is_file()


def test_a_second_run_pushes_nothing(project, output):
    again = run_chain(project)
    stages = ("prepare", "train", "evaluate", "report")
    assert all(f"{stage} · unchanged" in again for stage in stages)


def test_the_status_shows_the_chain_at_a_glance(project, output):
    shown = run(project, "status")
    for stage in ("prepare", "train", "evaluate"):
        assert re.search(rf"{stage} .* COMPLETE .* v1 .* yes .* \d+ (s|min)", shown)
    assert re.search(r"report .* COMPLETE .* yes", shown)


def test_the_official_client_serves_the_results_by_hand(project, output, tmp_path):
    status = run(
        project, "local", "--", "kaggle", "kernels", "status", f"{OWNER}/deep-colorization-train"
    )
    assert "COMPLETE" in status
    logs = run(
        project, "local", "--", "kaggle", "kernels", "logs", f"{OWNER}/deep-colorization-train"
    )
    assert "epoch 10/10" in logs
    handle = f"{OWNER}/deep-colorization-model"
    run(
        project,
        "local",
        "--",
        "kaggle",
        "datasets",
        "download",
        handle,
        "--unzip",
        "-p",
        str(tmp_path),
    )
    code = (
        "import keras, numpy as np; model = keras.saving.load_model('autoencoder.keras');"
        "print(model.predict_on_batch(np.full((1, 128, 128, 1), 50.0)).shape)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "(1, 128, 128, 2)" in done.stdout


def test_colorize_uses_the_downloaded_model_and_overwrites_nothing(project, output, tmp_path):
    Image.new("L", (50, 70), 120).save(tmp_path / "gray.png")
    target = tmp_path / "out" / "color.jpg"
    command = ("colorize", str(tmp_path / "gray.png"), "-o", str(target))
    assert str(target) in run(project, *command)
    assert read_photo(target).shape == (70, 50, 3)
    before = target.read_bytes()
    assert "--force" in run(project, *command, status=1)
    assert target.read_bytes() == before
    kept = project.parent / "home" / ".local" / "share" / "deep-colorization"
    exports = {"model-network.onnx", "model-chroma-small.onnx"}
    assert exports < {path.name for path in kept.iterdir()}


def test_a_kernel_that_fails_shows_the_end_of_its_log(project, output):
    kernel = project / "kernels" / "evaluate" / "evaluate.py"
    good, broken = "print(run)\n", "print(run)\nraise RuntimeError('broken on purpose')\n"
    edit(kernel, good, broken)
    failed = run_chain(project, status=1)
    edit(kernel, broken, good)
    assert "deep-colorization-evaluate ended in state ERROR" in failed
    assert "RuntimeError: broken on purpose" in failed.split("The end of its log")[1]
    # The stages before it were finished and are not run again; the good code still is.
    mended = run_chain(project)
    assert "train · unchanged" in mended and "evaluate · unchanged" in mended


@pytest.mark.parametrize(
    ("photos", "reason"),
    [("nowhere", "no photos at .*nowhere"), ("texts", "no photo"), ("not.zip", "not a zip")],
)
def test_photos_that_cannot_be_used_are_refused_at_once(project, photos, reason, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "not.zip").write_text("hello")
    output = run(project, "run", "--data", str(tmp_path / photos), status=1)
    assert re.search(reason, output) and "Traceback" not in output


def readme_blocks():
    pages = (ROOT / "README.md", *ROOT.glob("docs/kaggle.md"))
    text = "\n".join(page.read_text("utf-8") for page in pages)
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def readme_commands():
    blocks = [block for block in readme_blocks() if "jupyter" not in block]
    lines = (line.split("  #")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line and not line.startswith(("pip", "python3 -m venv"))]


def test_the_notebook_runs_as_the_readme_says(project, tmp_path):
    (block,) = [block for block in readme_blocks() if "jupyter" in block]
    photos = project.parent / "photos"
    shutil.make_archive(str(tmp_path / "celebs"), "zip", photos)
    shutil.copytree(project.parent / "elsewhere", tmp_path / "my-portraits")
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / "kernels", clone / "kernels")
    (clone / ".venv").symlink_to(sys.prefix)
    subprocess.run(
        ["bash", "-ec", block], cwd=clone, env=os.environ | {"HOME": str(tmp_path)}, check=True
    )
    assert (clone / "build" / "autoencoder-translation.keras").is_file()


def as_run_here(command):
    """What a command of the README is on the stand-in."""
    words = shlex.split(command.replace(".venv/bin/", "").replace("kaggle-username", OWNER))
    if words[0] == "kaggle" or "--on" in words or words == ["deepcolor", "stage"]:
        words = ["deepcolor", "local", "--", *words]
    if "doctor" in words:
        words += ["--data", "celebs.zip"]  # CelebA is not here
    if "run" in words or words[-1] == "app":
        # The chain ran for all these tests, CelebA is not here, and a server serves until it is
        # stopped (tests/deepcolor/web visits it): that the command is known must do.
        words.append("--help")
    return words


@pytest.mark.parametrize("command", dict.fromkeys(readme_commands()))
def test_every_command_of_the_readme_works(project, output, command):
    if command.startswith("make"):
        done = subprocess.run(
            [*shlex.split(command), "-n", "-C", ROOT], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return
    for path in ("grandma.jpg", "album/a.jpg", "album/b.png"):
        (project / path).parent.mkdir(exist_ok=True)
        Image.new("L", (50, 70), 120).save(project / path)
    if not (project / "celebs.zip").exists():
        shutil.make_archive(str(project / "celebs"), "zip", project.parent / "photos")
    words = as_run_here(command)
    assert words[0] == "deepcolor"
    printed = run(project, *words[1:])
    # The log is the kernel's own, and CelebA, which it was staged for, is not here.
    assert "Traceback" not in printed or "logs" in words
