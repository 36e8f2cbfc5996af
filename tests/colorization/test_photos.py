import stat
import zipfile

import numpy as np
import pytest
from PIL import Image

from colorization.photos import (
    UnreadablePhotoError,
    check_archive,
    find_photos,
    open_photos,
    read_photo,
    split_photos,
)


def save_image(path, size=(6, 4), mode="RGB", colour=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new(mode, size, (200, 50, 50) if colour is None else colour)
    image.save(path, **options)
    return path


def write_zip(path, entries):
    with zipfile.ZipFile(path, "w") as zipped:
        for entry, content in entries:
            zipped.writestr(entry, content)
    return path


def test_photos_are_found_at_any_depth_without_hidden_copies(tmp_path):
    kept = [save_image(tmp_path / "a.jpg"), save_image(tmp_path / "sub" / "B.PNG")]
    save_image(tmp_path / "__MACOSX" / "a.jpg")
    save_image(tmp_path / ".trash" / "c.jpg")
    (tmp_path / "notes.txt").write_text("no photo")
    assert find_photos(tmp_path) == sorted(kept)


def test_a_missing_or_empty_folder_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        find_photos(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="no photo"):
        find_photos(tmp_path)


def test_a_zip_is_unpacked_and_its_other_files_are_left(tmp_path):
    photo = save_image(tmp_path / "x.jpg").read_bytes()
    archive = write_zip(tmp_path / "celebs.zip", [("celebs/x.jpg", photo), ("readme.txt", "hi")])
    scratch = tmp_path / "scratch"
    assert open_photos(archive, scratch) == [scratch / "celebs" / "celebs" / "x.jpg"]
    assert not list(scratch.rglob("readme.txt"))


def test_zips_in_a_folder_are_opened_beside_loose_photos(tmp_path):
    loose = save_image(tmp_path / "in" / "loose.jpg")
    write_zip(tmp_path / "in" / "more.zip", [("y.jpg", loose.read_bytes())])
    names = [path.name for path in open_photos(tmp_path / "in", tmp_path / "scratch")]
    assert names == ["y.jpg", "loose.jpg"]


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


def test_what_is_no_zip_or_holds_no_photo_is_told(tmp_path):
    (tmp_path / "not.zip").write_text("hello")
    with pytest.raises(ValueError, match="not a zip"):
        check_archive(tmp_path / "not.zip")
    with pytest.raises(ValueError, match="no photo"):
        check_archive(write_zip(tmp_path / "texts.zip", [("a.txt", b"x")]))


@pytest.mark.parametrize(
    ("name", "mode", "colour", "expected"),
    [
        ("grey.png", "L", 100, (100, 100, 100)),
        ("deep.png", "I;16", 65535, (255, 255, 255)),
        ("clear.png", "RGBA", (0, 0, 0, 0), (255, 255, 255)),
        ("palette.gif", "P", 0, (0, 0, 0)),
        ("press.jpg", "CMYK", (0, 0, 0, 0), (255, 255, 255)),
    ],
)
def test_every_kind_of_photo_becomes_8_bit_rgb(tmp_path, name, mode, colour, expected):
    rgb = read_photo(save_image(tmp_path / name, mode=mode, colour=colour))
    assert rgb.shape == (4, 6, 3) and rgb.dtype == np.uint8
    np.testing.assert_allclose(rgb[0, 0], expected, atol=1)


def test_a_photo_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_photo(save_image(tmp_path / "turned.jpg", exif=exif)).shape == (6, 4, 3)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff\xe0 and no more"])
def test_what_cannot_be_read_is_told(tmp_path, content):
    (tmp_path / "x.jpg").write_bytes(content)
    with pytest.raises(UnreadablePhotoError, match="\\w"):
        read_photo(tmp_path / "x.jpg")


def test_a_truncated_photo_is_not_half_read(tmp_path):
    path = save_image(tmp_path / "x.jpg", size=(200, 200))
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(UnreadablePhotoError, match="truncated"):
        read_photo(path)


def test_the_split_is_stable_when_photos_come_and_go(tmp_path):
    photos = [tmp_path / f"{index}.jpg" for index in range(1000)]
    split = split_photos(photos, 0.1)
    assert 70 < len(split["validation"]) < 130
    assert not set(split["train"]) & set(split["validation"])
    smaller = split_photos(reversed(photos[:500]), 0.1)
    assert set(smaller["validation"]) == set(split["validation"]) & set(photos[:500])


def test_both_sides_of_a_split_hold_something(tmp_path):
    split = split_photos([tmp_path / "a.jpg", tmp_path / "b.jpg"], 0.01)
    assert len(split["train"]) == len(split["validation"]) == 1
    with pytest.raises(ValueError, match="at least two"):
        split_photos([tmp_path / "a.jpg"], 0.1)
