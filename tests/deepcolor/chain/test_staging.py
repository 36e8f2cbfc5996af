import ast
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from colorization.kaggle.run import read_fingerprint
from colorization.models.efficientnet import WEIGHTS
from deepcolor.chain.datasets import set_owner, tracked_files
from deepcolor.chain.staging import load_staged, pin_chain, stage_chain
from deepcolor.errors import DeepColorError

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def staged(faces, tmp_path_factory):
    return stage_chain(
        ROOT, tmp_path_factory.mktemp("build"), "alice", photos=[faces], elsewhere=faces
    )


def sources(kernel):
    return json.loads((kernel.folder / "kernel-metadata.json").read_text())["dataset_sources"]


def test_nothing_staged_belongs_to_the_neutral_owner(staged):
    assert [kernel.handle for kernel in staged.kernels] == [
        f"alice/deep-colorization-{name}" for name in ("prepare", "train", "evaluate", "report")
    ]
    for folder in [*staged.kernels, *staged.datasets]:
        for file in folder.folder.glob("*-metadata.json"):
            assert "kaggle-username" not in file.read_text()


def test_given_photos_take_the_place_of_celeba(staged, tmp_path):
    assert sources(staged.kernels[0])[-1] == "alice/deep-colorization-photos"
    without = stage_chain(ROOT, tmp_path, "alice")
    assert sources(without.kernels[0])[-1] == "jessicali9530/celeba-dataset"
    assert [dataset.name for dataset in without.datasets] == ["code"]


def test_a_folder_of_photos_is_packed_into_one_zip(staged, faces):
    folder = next(dataset.folder for dataset in staged.datasets if dataset.name == "photos")
    with zipfile.ZipFile(folder / "photos.zip") as zipped:
        assert sorted(zipped.namelist()) == sorted(path.name for path in faces.iterdir())


def test_kernels_carry_their_fingerprint_and_those_of_their_inputs(staged):
    code = staged.datasets[0]
    assert (code.folder / "src" / "colorization" / "color" / "lab.py").is_file()
    prepare, train, *_, report = staged.kernels
    chain = pinned(train.folder / "train.py")
    assert chain["fingerprint"] == train.fingerprint
    assert chain["dataset"] == "alice/deep-colorization-model"
    assert chain["inputs"] == {
        "deep-colorization-code": code.fingerprint,
        "deep-colorization-records": prepare.fingerprint,
    }
    cells = json.loads((report.folder / "report.ipynb").read_text())["cells"]
    assert report.fingerprint in "".join(line for cell in cells for line in cell["source"])


def pinned(script):
    line = next(line for line in script.read_text().splitlines() if line.startswith("CHAIN = "))
    return ast.literal_eval(line.removeprefix("CHAIN = ").split("  #")[0])


def test_datasets_state_their_fingerprint(staged):
    for dataset in staged.datasets:
        assert read_fingerprint(dataset.folder) == dataset.fingerprint


def fingerprints(staged):
    return {item.name: item.fingerprint for item in [*staged.datasets, *staged.kernels]}


def test_photos_come_from_several_places_and_from_kaggle(faces, tmp_path):
    staged = stage_chain(ROOT, tmp_path, "alice", [faces, "bob/holiday-photos", str(faces)])
    assert sources(staged.kernels[0])[1:] == [
        "alice/deep-colorization-photos",
        "bob/holiday-photos",
        "alice/deep-colorization-photos-3",
    ]
    text = (staged.kernels[0].folder / "prepare.py").read_text()
    slugs = ["deep-colorization-photos", "holiday-photos", "deep-colorization-photos-3"]
    assert f'"photos": {json.dumps(slugs)}' in text
    assert [d.name for d in staged.datasets] == ["code", "photos", "photos-3"]


def test_a_fingerprint_changes_with_what_it_is_made_of_and_with_nothing_else(
    staged, faces, tmp_path
):
    assert fingerprints(stage_chain(ROOT, tmp_path / "a", "alice", [faces], faces)) == fingerprints(
        staged
    )
    other = tmp_path / "other"
    shutil.copytree(faces, other)
    next(other.iterdir()).unlink()
    changed = fingerprints(stage_chain(ROOT, tmp_path / "b", "alice", [faces], elsewhere=other))
    different = {name for name, value in fingerprints(staged).items() if changed[name] != value}
    assert different == {"elsewhere", "evaluate", "report"}


def test_changed_code_changes_every_stage(tmp_path):
    clone = tmp_path / "clone"
    for file in tracked_files(ROOT, "."):
        if file.parts[0] in {"kernels", "src"} or file.name.endswith("-metadata.json"):
            (clone / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, clone / file)
    before = fingerprints(stage_chain(clone, tmp_path / "a", "alice"))
    with (clone / "src" / "colorization" / "color" / "lab.py").open("a") as file:
        file.write("changed = True\n")
    after = fingerprints(stage_chain(clone, tmp_path / "b", "alice"))
    assert not set(before.values()) & set(after.values())


def test_what_was_staged_last_can_be_read_back(tmp_path, faces):
    staged = stage_chain(ROOT, tmp_path, "alice", [faces])
    assert load_staged(tmp_path) == staged
    with pytest.raises(DeepColorError, match="nothing is staged"):
        load_staged(tmp_path / "nowhere")


def test_only_tracked_files_are_code(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for name in ("kept.py", "secret.env"):
        (tmp_path / name).write_text("x")
    subprocess.run(["git", "-C", str(tmp_path), "add", "kept.py"], check=True)
    assert tracked_files(tmp_path, ".") == [Path("kept.py")]


def test_without_git_modules_and_weights_are_code(tmp_path):
    for name in ("kept.py", "weights.npz", "notes.txt"):
        (tmp_path / name).write_text("x")
    assert tracked_files(tmp_path, ".") == [Path("kept.py"), Path("weights.npz")]


def test_the_code_brings_the_weights_of_the_encoder(staged):
    (code,) = (dataset for dataset in staged.datasets if dataset.name == "code")
    weights = code.folder / WEIGHTS.relative_to(ROOT)
    assert weights.read_bytes() == WEIGHTS.read_bytes()


def test_changing_the_owner_leaves_others_alone():
    metadata = {"id": "kaggle-username/a", "sources": ["kaggle-username/b", "nasa/c"], "gpu": True}
    changed = set_owner(metadata, "alice")
    assert changed == {"id": "alice/a", "sources": ["alice/b", "nasa/c"], "gpu": True}
    assert set_owner(changed, "bob") == changed


def test_the_neutral_owner_is_refused(tmp_path):
    with pytest.raises(DeepColorError, match="your Kaggle user name"):
        stage_chain(ROOT, tmp_path, "kaggle-username")


def test_a_kernel_without_the_line_for_its_fingerprint_is_refused(tmp_path):
    (tmp_path / "kernel.py").write_text("print('hello')\n")
    with pytest.raises(DeepColorError, match="CHAIN"):
        pin_chain(tmp_path / "kernel.py", {})


def test_photos_that_cannot_be_used_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(DeepColorError, match="no photos at .*nowhere"):
        stage_chain(ROOT, tmp_path / "build", "alice", photos=[tmp_path / "nowhere"])
    empty = tmp_path / "empty.zip"
    zipfile.ZipFile(empty, "w").close()
    with pytest.raises(DeepColorError, match="no photo"):
        stage_chain(ROOT, tmp_path / "build", "alice", photos=[empty])
