import os
from pathlib import Path

import pytest

from kaggle_local.state.trees import clean_tree, is_short_path, remove_tree, walk_files


def make_deep(folder: Path, levels: int) -> None:
    """Make folders in folders with a file in the last one; no path could name it."""
    folder.mkdir()
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("deeper", dir_fd=descriptor)
        inner = os.open("deeper", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(os.open("last.txt", os.O_WRONLY | os.O_CREAT, dir_fd=descriptor))
    os.close(descriptor)


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    make_deep(tmp_path / "deep", 1500)
    (tmp_path / "deep" / "a.txt").write_text("a")
    return tmp_path / "deep"


def test_files_are_listed_in_order_without_links(tmp_path: Path) -> None:
    for name in ("b/c.txt", "b/a/d.txt", "b.txt", "a.txt"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "in" / "a.txt")
    (tmp_path / "in" / "up").symlink_to(tmp_path)
    found = [(name, status.st_size) for name, status in walk_files(tmp_path / "in")]
    assert found == [("a.txt", 5), ("b/a/d.txt", 9), ("b/c.txt", 7), ("b.txt", 5)]


def test_what_is_too_deep_is_neither_listed_nor_kept(deep: Path) -> None:
    assert [name for name, _ in walk_files(deep)] == ["a.txt"]
    assert not clean_tree(deep)
    names = [path.relative_to(deep).as_posix() for path in deep.rglob("*")]
    assert max(name.count("/") for name in names) == 100 and all(map(is_short_path, names))
    assert clean_tree(deep)


def test_a_deep_tree_is_removed(deep: Path) -> None:
    remove_tree(deep)
    assert not deep.exists()


def test_a_read_only_tree_is_removed_and_a_link_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("kept")
    (tmp_path / "tree" / "shut").mkdir(parents=True)
    (tmp_path / "tree" / "shut" / "link").symlink_to(tmp_path)
    (tmp_path / "tree" / "shut").chmod(0o000)
    remove_tree(tmp_path / "tree")
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
    remove_tree(tmp_path / "absent")


def test_an_output_keeps_neither_links_nor_devices(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("a")
    (tmp_path / "sub" / "link").symlink_to("/etc")
    os.mkfifo(tmp_path / "fifo")
    assert clean_tree(tmp_path)
    assert {path.name for path in tmp_path.rglob("*")} == {"sub", "a.txt"}
    assert (tmp_path / "sub" / "a.txt").stat().st_mode & 0o777 == 0o444
