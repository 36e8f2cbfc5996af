import io
import json
import subprocess
import time
import zipfile
from pathlib import Path

import pytest
from tests.support.stand_in import KAGGLE, USER, Kaggle

import kaggle_local
from kaggle_local.handles import Handle
from kaggle_local.state.datasets import Datasets, UploadTree
from kaggle_local.state.store import Store
from kaggle_local.state.uploads import Uploads


def test_a_downloaded_dataset_equals_the_uploaded_one(kaggle: Kaggle) -> None:
    files = {"a.txt": "hello\n", "empty.txt": "", "sub/deep/b.bin": bytes(range(256))}
    kaggle.create("round-trip", files, "-r", "zip")

    kaggle.ok("datasets", "download", "alice/round-trip", "-p", "down", "--unzip", "-q")

    for name, content in files.items():
        expected = content.encode() if isinstance(content, str) else content
        assert (kaggle.folder / "down" / name).read_bytes() == expected


def test_a_new_dataset_is_not_ready_immediately(start) -> None:
    kaggle = start(limits={"processing_seconds": 3600.0})
    folder = kaggle.dataset("slow-one", {"a.txt": "a"})
    kaggle.ok("datasets", "create", "-p", str(folder))

    assert kaggle.ok("datasets", "status", "alice/slow-one") == "blobs_received"
    refused = kaggle.refused("datasets", "version", "-p", str(folder), "-m", "again")
    assert "still being processed" in refused


def test_a_new_version_replaces_all_files(kaggle: Kaggle) -> None:
    kaggle.create("new-version", {"old.txt": "old"})
    folder = kaggle.dataset("new-version", {"new.txt": "new"})
    (folder / "old.txt").unlink()

    output = kaggle.ok("datasets", "version", "-p", str(folder), "-m", "second")
    assert "Dataset version is being created" in output

    listed = kaggle.ok("datasets", "files", "alice/new-version")
    assert "new.txt" in listed
    assert "old.txt" not in listed
    status = json.loads(kaggle.ok("datasets", "status", "alice/new-version", "--format", "json"))
    assert status == {"status": "ready", "current_version_number": 2}
    kaggle.ok("datasets", "download", "alice/new-version/1", "-p", "first", "--unzip", "-q")
    assert (kaggle.folder / "first" / "old.txt").read_text() == "old"


def test_a_single_file_keeps_its_name(kaggle: Kaggle) -> None:
    kaggle.create("one-file", {"sub/b.txt": "b", "a.txt": "a"}, "-r", "zip")

    kaggle.ok("datasets", "download", "alice/one-file", "-f", "sub/b.txt", "-p", "down", "-q")

    (file,) = (kaggle.folder / "down").rglob("*.txt")  # 2.2.5 keeps the folder, 2.2.4 does not
    assert file.name == "b.txt" and file.read_text() == "b"


def test_creating_an_existing_dataset_is_refused(kaggle: Kaggle) -> None:
    kaggle.create("made-twice", {"a.txt": "a"})
    folder = kaggle.dataset("made-twice", {"a.txt": "a"})
    assert "already in use" in kaggle.ok("datasets", "create", "-p", str(folder))


def test_a_dataset_with_an_underscore_in_its_name_is_refused(kaggle: Kaggle) -> None:
    folder = kaggle.dataset("my_data_one", {"a.txt": "a"})
    output = kaggle.ok("datasets", "create", "-p", str(folder))
    assert 'Dataset creation error: Slug can only contain alphanumeric or "-"' in output
    assert not (kaggle.root / "datasets/alice/my_data_one").exists()


def test_an_uploaded_zip_is_unpacked_into_a_folder(kaggle: Kaggle) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("inner/x.txt", "x")
    kaggle.create("zipped-one", {"celebs.zip": buffer.getvalue()})
    assert "celebs/inner/x.txt" in kaggle.ok("datasets", "files", "alice/zipped-one")


def test_files_are_listed_in_pages_of_twenty(kaggle: Kaggle) -> None:
    names = [f"{number:02}.txt" for number in range(25)]
    kaggle.create("many-files", {f"many/{name}": "x" for name in names}, "-r", "zip")

    first = kaggle.ok("datasets", "files", "alice/many-files", "--csv")
    token = next(line for line in first.splitlines() if "Next Page Token" in line).split("= ")[1]
    second = kaggle.ok("datasets", "files", "alice/many-files", "--csv", "--page-token", token)

    assert [name for name in names if f"many/{name}" in first] == names[:20]
    assert [name for name in names if f"many/{name}" in second] == names[20:]


def test_only_the_owner_reads_a_private_dataset(start) -> None:
    kaggle = start()
    kaggle.create("private-one", {"a.txt": "a"})
    kaggle_local.stop(kaggle.root)
    other = start(user="bob")

    assert "datasets.get" in other.refused("datasets", "files", "alice/private-one")


def test_public_data_are_read_without_a_token(kaggle: Kaggle) -> None:
    kaggle.create("open-data", {"a.txt": "a"}, "--public")
    kaggle.create("closed-data", {"a.txt": "a"})
    environment = kaggle.environment() | {"KAGGLE_API_TOKEN": ""}
    for name, printed in (("open-data", "a.txt"), ("closed-data", "denied")):
        done = subprocess.run(
            [KAGGLE, "datasets", "files", f"{USER}/{name}"],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert printed in done.stdout + done.stderr, done


@pytest.mark.parametrize("jump", [-3600, 3600])
def test_a_jump_of_the_clock_changes_nothing_about_what_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    store = Store(tmp_path / "state")
    store.open()
    datasets = Datasets(store, Uploads(store), processing_seconds=0.2)
    version = datasets.add_version(Handle("alice", "faces"), UploadTree(()), "first")
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + jump)
    assert not datasets.is_ready(version)
    time.sleep(0.2)
    assert datasets.is_ready(version)
    assert Datasets(store, Uploads(store), processing_seconds=60).is_ready(version)
