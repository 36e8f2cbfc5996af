import json

import pytest

from colorization.config import Training
from colorization.files import save_json
from colorization.kaggle.run import Run, missing_files, read_fingerprint, unlisted_files


@pytest.fixture
def records(tmp_path, monkeypatch):
    """A mounted dataset that states its fingerprint."""
    monkeypatch.setenv("KAGGLE_CACHE_MOUNT_FOLDER", str(tmp_path / "input"))
    folder = tmp_path / "input" / "datasets" / "alice" / "records"
    folder.mkdir(parents=True)
    save_json(folder / "manifest.json", {"fingerprint": "abc"})
    return folder


def test_an_output_states_what_made_it_from_what(records, tmp_path):
    run = Run("train", {"fingerprint": "def", "inputs": {"records": "abc"}})
    assert run.input("records") == records
    output = tmp_path / "output"
    (output / "figures").mkdir(parents=True)
    (output / "figures" / "a.png").write_bytes(b"12345")
    run.finish(output, [Training(epochs=3)])
    manifest = json.loads((output / "manifest.json").read_text())
    assert manifest["stage"] == "train" and manifest["config"][0]["epochs"] == 3
    assert manifest["inputs"] == {"deep-colorization-code": None, "records": "abc"}
    assert set(manifest["versions"]) >= {"python", "keras", "tensorflow"}
    assert manifest["files"] == {"figures/a.png": 5}
    assert read_fingerprint(output) == "def"


def test_a_stale_or_foreign_input_is_refused_by_name(records):
    run = Run("train", {"inputs": {"records": "newer"}})
    with pytest.raises(RuntimeError, match=r"records is not.*fingerprint newer, received abc"):
        run.input("records")
    (records / "manifest.json").rename(records / "foreign.json")
    with pytest.raises(RuntimeError, match=r"records.*expected fingerprint newer, received None"):
        run.input("records")


def test_an_input_that_lacks_a_file_or_part_of_one_is_refused(records):
    save_json(records / "manifest.json", {"files": {"a.bin": 3, "b/c.bin": 1, "photos.zip": 99}})
    (records / "a.bin").write_bytes(b"12")
    (records / "photos").mkdir()
    assert missing_files(records) == ["a.bin", "b/c.bin"]
    with pytest.raises(RuntimeError, match=r"records is incomplete: a.bin, b/c.bin missing"):
        Run("train", {}).input("records")
    (records / "a.bin").write_bytes(b"123")
    (records / "b.zip").write_bytes(b"Kaggle has not unpacked it")
    assert missing_files(records) == []


def test_a_listing_is_whole_with_archives_unpacked_and_without_empty_files():
    files = {"a.bin": 3, "empty.txt": 0, "photos.zip": 99}
    assert unlisted_files(files, {"a.bin": 3, "photos/a.jpg": 1}) == []
    assert unlisted_files(files, {"archive/a.bin": 3, "archive/photos.zip": 99}) == []
    assert unlisted_files(files, {"a.bin": 2, "other/a.jpg": 1}) == ["a.bin", "photos.zip"]


def test_a_network_that_kaggle_has_unpacked_is_listed_and_told(records):
    assert unlisted_files({"unet.keras": 9}, {"unet.keras/config.json": 3}) == []
    save_json(records / "manifest.json", {"files": {"unet.keras": 9}})
    (records / "unet.keras").mkdir()
    with pytest.raises(RuntimeError, match=r"Kaggle has unpacked unet.keras of records"):
        Run("train", {}).input("records")


def test_an_image_with_other_packages_is_told_before_the_work(
    records, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr("colorization.kaggle.run.LIBRARIES", {"no_such_module": ("no-such",)})
    run = Run("train", {})
    assert "this image lacks no_such_module" in caplog.text
    run.finish(tmp_path, [Training()])
    assert set(json.loads((tmp_path / "manifest.json").read_text())["versions"]) == {"python"}


def test_code_of_another_revision_is_refused():
    with pytest.raises(RuntimeError, match=r"deep-colorization-code.*expected fingerprint abc"):
        Run("train", {"inputs": {"deep-colorization-code": "abc"}})


def test_a_kernel_that_was_not_staged_checks_nothing(records):
    run = Run("train", {})
    assert run.input("absent", "records") == records
    assert str(run) == "train, run unstaged"
