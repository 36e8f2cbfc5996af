import json
import os
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from colorization.files import atomic_path, save_json


def test_a_file_appears_under_its_name_when_it_is_complete(tmp_path):
    path = tmp_path / "a.txt"
    with atomic_path(path) as part:
        part.write_text("new")
        assert not path.exists() and part.parent == tmp_path
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"] and path.read_text() == "new"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(path) as part:
        part.write_text("half")
        raise RuntimeError
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"] and path.read_text() == "old"


def test_an_interruption_cleans_up_as_an_error_does(tmp_path):
    with pytest.raises(KeyboardInterrupt), atomic_path(tmp_path / "a.txt") as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def finished_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_another_process_is_writing_is_left_alone(tmp_path):
    other = tmp_path / f".a.{os.getppid()}.part.txt"
    other.touch()
    with atomic_path(tmp_path / "a.txt") as part:
        part.touch()
    assert other.exists()


def test_a_folder_replaces_the_folder_that_was_there(tmp_path):
    path = tmp_path / "1"
    path.mkdir()
    (path / "old").touch()
    left = tmp_path / f".1.{finished_process()}.part"
    left.mkdir()
    (left / "left by a killed process").touch()
    with atomic_path(path) as part:
        part.mkdir()
        (part / "new").touch()
    assert [file.name for file in path.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_removes_a_folder_that_was_begun(tmp_path):
    with pytest.raises(RuntimeError), atomic_path(tmp_path / "1") as part:
        part.mkdir()
        (part / "half").touch()
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_the_temporary_name_keeps_the_suffix_by_which_numpy_names_its_files(tmp_path):
    with atomic_path(tmp_path / "a.npz") as part:
        np.savez(part, x=np.arange(3))
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


@dataclass
class Settings:
    side: int = 3


def test_json_is_written_of_values_and_of_dataclasses(tmp_path):
    save_json(tmp_path / "a.json", {"é": [1, None]})
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == {"é": [1, None]}
    save_json(tmp_path / "a.json", Settings())
    assert json.loads((tmp_path / "a.json").read_text()) == {"side": 3}


def test_what_json_cannot_hold_leaves_the_old_file(tmp_path):
    save_json(tmp_path / "a.json", 1)
    with pytest.raises(ValueError, match="JSON"):
        save_json(tmp_path / "a.json", float("nan"))
    assert (tmp_path / "a.json").read_text() == "1\n"


@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_that_appears_in_the_meantime_stays_unless_it_may_be_overwritten(
    tmp_path, monkeypatch, has_links
):
    if not has_links:  # as on FAT

        def refuse(*_):
            raise PermissionError

        monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.txt"
    with atomic_path(path, overwrite=False) as part:
        part.write_text("mine")
    assert path.read_text() == "mine" and path.stat().st_nlink == 1
    path.unlink()
    with pytest.raises(FileExistsError), atomic_path(path, overwrite=False) as part:
        part.write_text("mine")
        path.write_text("precious")
    assert path.read_text() == "precious" and [file.name for file in tmp_path.iterdir()] == [
        "a.txt"
    ]


def test_a_name_of_the_greatest_length_in_any_script_can_be_written(tmp_path):
    path = tmp_path / ("写" * 83 + ".jpg")  # 253 bytes
    with atomic_path(path) as part:
        part.write_text("new")
    assert path.read_text() == "new"
