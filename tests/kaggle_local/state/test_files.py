import json
from pathlib import Path

import pytest

from kaggle_local.errors import ApiError, BadState
from kaggle_local.state.files import atomic_path, read_json, resolve_inside, write_json


def test_an_interrupted_file_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_appears_with_its_content(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    with atomic_path(target) as temporary:
        temporary.mkdir()
        (temporary / "a.txt").write_text("a")
        assert not target.exists()
    assert (target / "a.txt").read_text() == "a"


def test_an_interrupted_folder_leaves_nothing_even_if_read_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stop"), atomic_path(tmp_path / "folder") as temporary:
        (temporary / "shut").mkdir(parents=True)
        (temporary / "shut" / "a.txt").write_text("a")
        (temporary / "shut").chmod(0o500)
        raise ValueError("stop")
    assert not list(tmp_path.iterdir())


def test_a_value_that_is_not_json_leaves_the_old_file(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": 1})
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"a": object()})
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 1}
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_a_damaged_json_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BadState, match=r"a\.json"):
        read_json(tmp_path / "a.json")


def test_a_link_is_not_resolved(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.txt").write_text("out")
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "out.txt")
    for name in ("link.txt", "../out.txt", "absent.txt"):
        with pytest.raises(ApiError, match="no file"):
            resolve_inside(tmp_path / "in", name)


def test_only_this_user_can_read_the_state(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"token": "x"})
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o600
