import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from deepcolor.errors import DeepColorError
from deepcolor.staging import for_owner, pin_revision, stage, tracked_files

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def staged(faces, tmp_path_factory):
    return stage(ROOT, tmp_path_factory.mktemp("build"), "alice", photos=faces, elsewhere=faces)


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
    without = stage(ROOT, tmp_path, "alice")
    assert sources(without.kernels[0])[-1] == "jessicali9530/celeba-dataset"
    assert [dataset.name for dataset in without.datasets] == ["code"]


def test_a_folder_of_photos_is_packed_into_one_zip(staged, faces):
    folder = next(dataset.folder for dataset in staged.datasets if dataset.name == "photos")
    with zipfile.ZipFile(folder / "photos.zip") as zipped:
        assert sorted(zipped.namelist()) == sorted(path.name for path in faces.iterdir())


def test_kernels_are_pinned_to_the_code_that_is_staged(staged):
    code = next(dataset.folder for dataset in staged.datasets if dataset.name == "code")
    assert (code / "REVISION").read_text().strip() == staged.revision
    assert (code / "src" / "colorization" / "lab.py").is_file()
    for kernel in staged.kernels:
        text = next(p for p in kernel.folder.iterdir() if p.suffix in {".py", ".ipynb"}).read_text()
        assert f'REVISION = "{staged.revision}"' in text.replace("\\", "")
    json.loads((staged.kernels[-1].folder / "report.ipynb").read_text())


def test_the_revision_changes_with_the_code_and_with_nothing_else(tmp_path):
    first, again = (stage(ROOT, tmp_path / name, "alice").revision for name in ("a", "b"))
    assert first == again
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    committed = stage(clone, tmp_path / "c", "alice").revision
    (clone / "src" / "colorization" / "lab.py").write_text("changed = True\n")
    assert stage(clone, tmp_path / "d", "alice").revision != committed


def test_only_tracked_files_are_code(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for name in ("kept.py", "secret.env"):
        (tmp_path / name).write_text("x")
    subprocess.run(["git", "-C", str(tmp_path), "add", "kept.py"], check=True)
    assert tracked_files(tmp_path, ".") == [Path("kept.py")]


def test_without_git_all_python_files_are_code(tmp_path):
    (tmp_path / "kept.py").write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    assert tracked_files(tmp_path, ".") == [Path("kept.py")]


def test_changing_the_owner_leaves_others_alone():
    metadata = {"id": "kaggle-username/a", "sources": ["kaggle-username/b", "nasa/c"], "gpu": True}
    changed = for_owner(metadata, "alice")
    assert changed == {"id": "alice/a", "sources": ["alice/b", "nasa/c"], "gpu": True}
    assert for_owner(changed, "bob") == changed


def test_the_neutral_owner_is_refused(tmp_path):
    with pytest.raises(DeepColorError, match="your Kaggle user name"):
        stage(ROOT, tmp_path, "kaggle-username")


def test_a_kernel_without_the_revision_line_is_refused(tmp_path):
    (tmp_path / "kernel.py").write_text("print('hello')\n")
    with pytest.raises(DeepColorError, match="REVISION"):
        pin_revision(tmp_path / "kernel.py", "abc")


def test_photos_that_cannot_be_used_are_told_before_anything_is_written(tmp_path):
    with pytest.raises(DeepColorError, match="no photos at .*nowhere"):
        stage(ROOT, tmp_path / "build", "alice", photos=tmp_path / "nowhere")
    empty = tmp_path / "empty.zip"
    zipfile.ZipFile(empty, "w").close()
    with pytest.raises(DeepColorError, match="no photo"):
        stage(ROOT, tmp_path / "build", "alice", photos=empty)
