from pathlib import Path

import pytest
from tests.support.files import touch, write_zip

from colorization.data.sources import find_photos, open_photos, open_sources


def test_photos_are_found_at_any_depth_without_hidden_copies(tmp_path):
    kept = [touch(tmp_path / name) for name in ("a.jpg", "sub/deep/B.PNG", "sub/é\u0301 ü.jpeg")]
    for name in ("__MACOSX/a.jpg", ".trash/c.jpg", "notes.txt", "._a.jpg"):
        touch(tmp_path / name)
    assert find_photos(tmp_path) == sorted(kept)


def test_a_name_of_the_greatest_length_and_bytes_that_are_no_text_are_found(tmp_path):
    long = touch(tmp_path / ("x" * 251 + ".jpg"))
    odd = tmp_path / "\udcff\udcfe.jpg"
    odd.write_bytes(b"")
    assert set(find_photos(tmp_path)) == {long, odd}


def test_links_to_folders_above_do_not_lead_in_circles(tmp_path):
    photo = touch(tmp_path / "sub" / "a.jpg")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    assert find_photos(tmp_path) == [photo]


def test_a_missing_or_empty_folder_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        find_photos(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="no photo"):
        find_photos(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        open_sources([tmp_path / "nowhere"], tmp_path)
    with pytest.raises(FileNotFoundError, match="no photo"):
        open_sources([tmp_path], tmp_path)


def test_a_zip_is_a_source(tmp_path):
    archive = write_zip(tmp_path / "celebs.zip", {"celebs/x.jpg": b"x", "readme.txt": b""})
    (photo,), problems = open_sources([archive], tmp_path / "scratch")
    assert photo.label == "celebs/x.jpg" and photo.name == "x.jpg" and problems == []
    assert Path(photo.path).read_bytes() == b"x"


def test_zips_in_a_folder_are_opened_beside_loose_photos_and_broken_ones_are_named(tmp_path):
    touch(tmp_path / "in" / "loose.jpg")
    write_zip(tmp_path / "in" / "a" / "more.zip", {"y.jpg": b"x"})
    write_zip(tmp_path / "in" / "b" / "more.zip", {"y.jpg": b"x"})
    touch(tmp_path / "in" / "broken.zip", b"no zip")
    photos, (problem,) = open_sources([tmp_path / "in"], tmp_path / "scratch")
    assert [photo.name for photo in photos] == ["y.jpg", "y.jpg", "loose.jpg"]
    assert len({photo.path for photo in photos}) == 3
    assert problem.photo == "broken.zip" and problem.kind == "unreadable"


def test_several_sources_make_one(tmp_path):
    touch(tmp_path / "one" / "a.jpg")
    archive = write_zip(tmp_path / "two.zip", {"b.jpg": b"x"})
    photos, _ = open_sources([tmp_path / "one", archive], tmp_path / "scratch")
    assert [photo.label for photo in photos] == ["a.jpg", "b.jpg"]
    assert [path.name for path in open_photos(archive, tmp_path / "other")] == ["b.jpg"]


def test_photos_of_formats_that_are_not_read_are_named(tmp_path):
    touch(tmp_path / "in" / "a.jpg")
    touch(tmp_path / "in" / "b.NEF")
    write_zip(tmp_path / "in" / "c.zip", {"d.jpg": b"x", "e.psd": b"x", "__MACOSX/._e.psd": b"x"})
    photos, problems = open_sources([tmp_path / "in"], tmp_path / "scratch")
    assert [photo.name for photo in photos] == ["d.jpg", "a.jpg"]
    assert {(problem.photo, problem.kind) for problem in problems} == {
        ("b.NEF", "unsupported"),
        ("e.psd", "unsupported"),
    }


def test_a_photo_is_no_source(tmp_path):
    photo = touch(tmp_path / "a.jpg")
    with pytest.raises(ValueError, match="is a photo: name its folder"):
        open_sources([photo], tmp_path / "scratch")
