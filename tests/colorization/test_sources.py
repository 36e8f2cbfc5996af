import zipfile
from pathlib import Path

import pytest

from colorization.sources import (
    Photo,
    find_photos,
    open_photos,
    open_sources,
    read_partition,
    split_photos,
)


def touch(path, content=b""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_zip(path, entries):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as zipped:
        for entry in entries:
            zipped.writestr(entry, b"x")
    return path


def photos_named(*names):
    return [Photo("/somewhere", name) for name in names]


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
    archive = write_zip(tmp_path / "celebs.zip", ["celebs/x.jpg", "readme.txt"])
    (photo,), problems = open_sources([archive], tmp_path / "scratch")
    assert photo.label == "celebs/x.jpg" and photo.name == "x.jpg" and problems == []
    assert Path(photo.path).read_bytes() == b"x"


def test_zips_in_a_folder_are_opened_beside_loose_photos_and_broken_ones_are_named(tmp_path):
    touch(tmp_path / "in" / "loose.jpg")
    write_zip(tmp_path / "in" / "a" / "more.zip", ["y.jpg"])
    write_zip(tmp_path / "in" / "b" / "more.zip", ["y.jpg"])
    touch(tmp_path / "in" / "broken.zip", b"no zip")
    photos, (problem,) = open_sources([tmp_path / "in"], tmp_path / "scratch")
    assert [photo.name for photo in photos] == ["y.jpg", "y.jpg", "loose.jpg"]
    assert len({photo.path for photo in photos}) == 3
    assert problem.photo == "broken.zip" and problem.kind == "unreadable"


def test_several_sources_make_one(tmp_path):
    touch(tmp_path / "one" / "a.jpg")
    archive = write_zip(tmp_path / "two.zip", ["b.jpg"])
    photos, _ = open_sources([tmp_path / "one", archive], tmp_path / "scratch")
    assert [photo.label for photo in photos] == ["a.jpg", "b.jpg"]
    assert [path.name for path in open_photos(archive, tmp_path / "other")] == ["b.jpg"]


def test_the_split_is_stable_when_photos_come_and_go():
    photos = photos_named(*(f"{index}.jpg" for index in range(1000)))
    split = split_photos(photos, 0.1)
    assert 70 < len(split["validation"]) < 130
    assert not set(split["train"]) & set(split["validation"])
    smaller = split_photos(photos[499::-1], 0.1)
    assert set(smaller["validation"]) == set(split["validation"]) & set(photos[:500])


def test_the_split_does_not_depend_on_where_the_photos_are_or_how_they_are_listed():
    names = [f"{index}.jpg" for index in range(50)]
    here = split_photos([Photo("/a", name) for name in names], 0.2)
    there = split_photos([Photo("/b", name) for name in reversed(names)], 0.2)
    for side in ("train", "validation"):
        assert [p.label for p in here[side]] == [p.label for p in there[side]]


def test_both_sides_of_a_split_hold_something():
    split = split_photos(photos_named("a.jpg", "b.jpg"), 0.01)
    assert len(split["train"]) == len(split["validation"]) == 1
    with pytest.raises(ValueError, match="at least two"):
        split_photos(photos_named("a.jpg"), 0.1)
    with pytest.raises(ValueError, match=r"`validation_fraction` .* received 1"):
        split_photos(photos_named("a.jpg", "b.jpg"), 1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list_eval_partition.csv", "image_id,partition\n1.jpg,0\n2.jpg,1\n3.jpg,2\n4.jpg,0\n"),
        ("list_eval_partition.txt", "1.jpg 0\n2.jpg 1\n3.jpg 2\n4.jpg 0\n"),
    ],
)
def test_celebas_own_partition_is_followed_and_its_test_set_is_left_out(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    partition = read_partition(tmp_path)
    split = split_photos(photos_named("1.jpg", "2.jpg", "3.jpg", "4.jpg"), 0.5, partition)
    assert {photo.name for photo in split["train"]} == {"1.jpg", "4.jpg"}
    assert [photo.name for photo in split["validation"]] == ["2.jpg"]


def test_there_need_not_be_a_partition(tmp_path):
    assert read_partition(tmp_path) == {} == read_partition(tmp_path / "a.zip")
