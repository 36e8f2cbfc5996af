import pytest

from colorization.kaggle.paths import PUSH_AGAIN, find_input, list_mounts


@pytest.fixture
def inputs(tmp_path, monkeypatch):
    monkeypatch.setenv("KAGGLE_CACHE_MOUNT_FOLDER", str(tmp_path))
    return tmp_path


def fill(folder):
    folder.mkdir(parents=True)
    (folder / "photo.jpg").touch()


@pytest.mark.parametrize("layout", ["datasets/alice", "notebooks/alice", ""])
def test_a_mount_is_found_in_every_layout(inputs, layout):
    folder = inputs / layout / "records"
    fill(folder)
    assert find_input("records") == folder


def test_the_first_slug_that_is_mounted_wins(inputs):
    for slug in ("celeba-dataset", "photos"):
        fill(inputs / "datasets" / "x" / slug)
    assert find_input("photos", "celeba-dataset").name == "photos"
    assert find_input("absent", "celeba-dataset").name == "celeba-dataset"


def test_the_newest_of_mounted_versions_is_taken(inputs):
    for version in ("2", "10"):
        fill(inputs / "records" / "versions" / version)
    assert find_input("records").name == "10"


def test_a_missing_input_is_named_with_all_mounts(inputs):
    (inputs / "datasets" / "bob" / "other").mkdir(parents=True)
    assert list_mounts() == ["datasets/bob/other"]
    with pytest.raises(FileNotFoundError, match="records is mounted: add one.*bob/other"):
        find_input("records")


def test_an_input_of_more_files_than_a_kernel_uploads_is_found_in_its_archive(inputs):
    fill(inputs / "records" / "archive")
    assert find_input("records").name == "archive"
    (inputs / "records" / "info.json").touch()
    assert find_input("records").name == "records"


def test_an_input_that_is_empty_still_is_not_mounted(inputs):
    (inputs / "records").mkdir()
    with pytest.raises(FileNotFoundError, match=PUSH_AGAIN):
        find_input("records")
