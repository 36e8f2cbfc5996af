import re
import stat
import zipfile

import pytest

from colorization.data.archives import check_archive, unzip


def write_zip(path, entries):
    with zipfile.ZipFile(path, "w") as zipped:
        for entry, content in entries:
            zipped.writestr(entry, content)
    return path


@pytest.mark.parametrize(
    "name", ["../x.jpg", "/etc/x.jpg", "a/../../x.jpg", "C:\\x.jpg", "..\\x.jpg"]
)
def test_a_zip_that_leaves_its_folder_is_refused_by_name(tmp_path, name):
    archive = write_zip(tmp_path / "evil.zip", [("ok.jpg", b""), (name, b"")])
    with pytest.raises(ValueError, match="leaves the archive"):
        check_archive(archive)


def test_a_zip_with_a_symbolic_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive = write_zip(tmp_path / "evil.zip", [(link, b"/etc/passwd")])
    with pytest.raises(ValueError, match="symbolic link"):
        check_archive(archive)


def with_header(archive, name, offset, value):
    """Change two bytes of an entry's headers: of the local one, and of the central directory."""
    data = bytearray(archive.read_bytes())
    for magic, start in ((b"PK\x03\x04", 30), (b"PK\x01\x02", 46)):
        at = data.index(name, data.index(magic)) - start
        while data[at : at + 4] != magic:
            at = data.index(name, at + start + 1) - start
        shift = 2 if magic == b"PK\x01\x02" else 0
        data[at + offset + shift : at + offset + shift + 2] = value.to_bytes(2, "little")
    archive.write_bytes(data)


@pytest.mark.parametrize(
    ("offset", "value", "reason"),
    [
        (6, 1, "encrypted"),
        (8, 9, "compression method"),  # Deflate64
        (8, 93, "compression method|zstd|CRC|frame|compressed"),  # Zstandard, read from 3.14 on
        (8, 99, "compression method"),  # AES
        (8, 14, "LZMA|CRC"),
    ],
)
def test_an_entry_that_cannot_be_unpacked_is_named_and_the_rest_goes_on(
    tmp_path, offset, value, reason
):
    archive = write_zip(tmp_path / "a.zip", [("b.jpg", b"x" * 99), ("a.jpg", b"y" * 99)])
    with_header(archive, b"b.jpg", offset, value)
    (problem,) = unzip(archive, tmp_path / "out")
    assert problem.photo == "b.jpg" and re.search(reason, problem.reason), problem
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.jpg"]


@pytest.mark.parametrize(
    ("names", "bad"),
    [
        (["x" * 300 + ".jpg"], ["x" * 300 + ".jpg"]),
        (["a.jpg", "a.jpg/b.jpg"], ["a.jpg/b.jpg"]),
        (["a.jpg/b.jpg", "a.jpg"], ["a.jpg"]),
        (["d/" * 1500 + "a.jpg"], ["d/" * 1500 + "a.jpg"]),
        (["twice.jpg", "./twice.jpg"], ["./twice.jpg"]),
        (["#"], []),
        (["12:30.jpg", "folder.jpg/"], []),
    ],
)
def test_an_odd_name_is_told_and_the_rest_goes_on(tmp_path, names, bad):
    archive = write_zip(tmp_path / "a.zip", [(name, b"x") for name in [*names, "ok.jpg"]])
    archive.write_bytes(archive.read_bytes().replace(b"#", b"\0"))  # an empty name, when read
    assert [problem.photo for problem in unzip(archive, tmp_path / "out")] == bad
    found = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    photos = {name for name in names if name.endswith(".jpg")} | {"ok.jpg"}
    assert len(found) == len(photos) - len(bad)


def test_what_is_no_zip_or_holds_no_photo_is_told(tmp_path):
    (tmp_path / "not.zip").write_text("hello")
    with pytest.raises(ValueError, match="not a zip"):
        check_archive(tmp_path / "not.zip")
    with pytest.raises(ValueError, match="no photo"):
        check_archive(write_zip(tmp_path / "texts.zip", [("a.txt", b"x")]))
    whole = write_zip(tmp_path / "whole.zip", [("a.jpg", b"x" * 999)]).read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="broken"):
        check_archive(tmp_path / "half.zip")


def test_one_damaged_entry_does_not_spoil_the_others(tmp_path):
    archive = write_zip(tmp_path / "a.zip", [("a.jpg", b"first " * 9), ("b.jpg", b"second " * 9)])
    archive.write_bytes(archive.read_bytes().replace(b"first first", b"worst first", 1))
    (problem,) = unzip(archive, tmp_path / "out")
    assert problem.photo == "a.jpg" and "CRC" in problem.reason
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.jpg"]


def test_only_photos_are_unpacked(tmp_path):
    entries = [("x/a.jpg", b"1"), ("readme.txt", b"2"), ("__MACOSX/x/a.jpg", b"3")]
    assert unzip(write_zip(tmp_path / "a.zip", entries), tmp_path / "out") == []
    found = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert found == [tmp_path / "out" / "x" / "a.jpg"]
