import pytest
from tests.support.files import touch, write_zip

from colorization.data.sources import Photo, open_sources
from colorization.data.splits import read_partitions, split_photos


def photos_named(*names):
    return [Photo("/somewhere", name) for name in names]


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


LISTS = {
    "list_eval_partition.csv": "image_id,partition\n1.jpg,0\n2.jpg,1\n3.jpg,2\n4.jpg,0\n",
    "list_eval_partition.txt": "1.jpg 0\n2.jpg 1\n3.jpg 2\n4.jpg 0\n",
}
CELEBA = ["1.jpg", "2.jpg", "3.jpg", "4.jpg"]


def celeba(folder, form, name="list_eval_partition.csv"):
    """CelebA as people have it: a folder, a folder with a zip of the photos, or one zip of all."""
    photos = {f"img/{photo}": b"x" for photo in CELEBA}
    texts = {f"Eval/{name}": LISTS[name].encode()}
    inside, beside = {"folder": ({}, photos | texts), "beside": (photos, texts),
                      "zip": (photos | texts, {})}[form]  # fmt: skip
    for label, content in beside.items():
        touch(folder / label, content)
    archive = folder / "celeba.zip"
    if inside:
        write_zip(archive, inside)
    return archive if form == "zip" else folder


def names(photos):
    return {photo.name for photo in photos}


@pytest.mark.parametrize("form", ["folder", "beside", "zip"])
@pytest.mark.parametrize("name", LISTS)
def test_celebas_own_partition_is_followed_and_its_test_set_is_left_out(tmp_path, name, form):
    sources, scratch = [celeba(tmp_path / "in", form, name)], tmp_path / "scratch"
    photos, _ = open_sources(sources, scratch)
    assert names(photos) == set(CELEBA)
    split = split_photos(photos, 0.5, read_partitions(sources, scratch))
    assert names(split["train"]) == {"1.jpg", "4.jpg"} and names(split["validation"]) == {"2.jpg"}


def test_a_partition_is_that_of_its_own_source(tmp_path):
    mine = [f"{number}.jpg" for number in range(100)]
    for name in mine:
        touch(tmp_path / "mine" / name)
    sources, scratch = [tmp_path / "mine", celeba(tmp_path / "in", "beside")], tmp_path / "scratch"
    photos, _ = open_sources(sources, scratch)
    split = split_photos(photos, 0.2, read_partitions(sources, scratch))
    alone = split_photos(open_sources(sources[:1], scratch)[0], 0.2)
    for side, theirs in (("train", {"1.jpg", "4.jpg"}), ("validation", {"2.jpg"})):
        assert {p for p in split[side] if p.root == str(sources[0])} == set(alone[side])
        assert {p.name for p in split[side] if p.root != str(sources[0])} == theirs


def test_a_part_of_celeba_that_its_partition_would_not_divide_is_divided_all_the_same():
    photos = photos_named("1.jpg", "3.jpg", "4.jpg")
    split = split_photos(photos, 0.1, {photos[0].root: {"2.jpg": 1, "3.jpg": 2}})
    assert len(split["train"]) == len(split["validation"]) == 1
    assert names(split["train"] + split["validation"]) == {"1.jpg", "4.jpg"}


def test_there_need_not_be_a_partition(tmp_path):
    touch(tmp_path / "in" / "notes.txt")
    assert read_partitions([tmp_path / "in", tmp_path / "a.zip"], tmp_path / "scratch") == {}
