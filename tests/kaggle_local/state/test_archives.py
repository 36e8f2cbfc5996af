import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from tests.support.stand_in import Kaggle

from kaggle_local.errors import ApiError
from kaggle_local.state.archives import archive_stem, pack, unpack


def zip_of(path: Path, *members: tuple[str | zipfile.ZipInfo, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    "name", ["../out.txt", "a/../../out.txt", "/out.txt", "..\\out.txt", "C:\\out.txt", "a\\..\\b"]
)
def test_an_archive_path_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    archive = zip_of(tmp_path / "x.zip", ("fine.txt", "fine"), (zipfile.ZipInfo(name), "out"))
    with pytest.raises(ApiError, match="hostile path"):
        unpack("x.zip", archive, tmp_path / "in")
    assert not list(tmp_path.rglob("*out.txt"))


def test_a_link_is_refused(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "x.zip", (link("a"), "/etc"), ("a/passwd", "x"))
    with pytest.raises(ApiError, match="link or device"):
        unpack("x.zip", archive, tmp_path / "in")


def test_a_duplicate_name_is_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        archive = zip_of(tmp_path / "x.zip", ("a", "1"), ("a", "2"))
    with pytest.raises(ApiError, match="'a' twice"):
        unpack("x.zip", archive, tmp_path / "in")


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a"), ("x" * 300, "y")])
def test_impossible_file_names_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    archive = zip_of(tmp_path / "x.zip", *((name, "x") for name in names))
    with pytest.raises(ApiError) as refused:
        unpack("x.zip", archive, tmp_path / "in")
    assert refused.value.code == 400


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "x.zip", ("a", "hello" * 100))
    archive.write_bytes(archive.read_bytes().replace(b"hello", b"jello", 1))
    with pytest.raises(ApiError, match="cannot be read"):
        unpack("x.zip", archive, tmp_path / "in")


def test_a_tar_follows_the_same_rules(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        info = tarfile.TarInfo("../out.txt")
        archive.addfile(info, io.BytesIO())
    with pytest.raises(ApiError, match="hostile path"):
        unpack("x.tar", tmp_path / "x.tar", tmp_path / "in")


def test_a_file_with_only_the_name_of_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "fake.zip").write_text("no zip")
    zip_of(tmp_path / "real.zip", ("a", "a"))
    assert archive_stem("fake.zip", tmp_path / "fake.zip") is None
    assert archive_stem("real.zip", tmp_path / "real.zip") == "real"
    assert archive_stem("real.docx", tmp_path / "real.zip") is None


def test_unpacking_a_packed_folder_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("a.txt", "sub/é.txt"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
    pack(tmp_path / "in", tmp_path / "x.zip", modified=1_700_000_000)
    unpack("x.zip", tmp_path / "x.zip", tmp_path / "out")
    assert (tmp_path / "out/a.txt").read_text() == "a.txt"
    assert (tmp_path / "out/sub/é.txt").read_text() == "sub/é.txt"
    assert (tmp_path / "x.zip").stat().st_mtime == 1_700_000_000


def test_a_hostile_upload_leaves_nothing_behind(kaggle: Kaggle, tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "x.zip", ("fine.txt", "x"), (zipfile.ZipInfo("../../out"), "x"))
    folder = kaggle.dataset("hostile-one", {"x.zip": archive.read_bytes()})
    assert "hostile path: '../../out'" in kaggle.refused("datasets", "create", "-p", str(folder))
    assert not list(kaggle.root.glob("datasets/alice/hostile-one/**/*.txt"))
    assert "404" not in kaggle.run("datasets", "status", "alice/hostile-one").stdout
