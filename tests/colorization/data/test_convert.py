import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from colorization.config import Preparation
from colorization.data.convert import codes_of, convert, grouped, load_squares, near_grey
from colorization.data.image_io import UnreadablePhotoError
from colorization.data.sources import Photo

CONFIG = Preparation(image_size=32)


@pytest.fixture
def photos(tmp_path):
    """A plain JPEG, one with EXIF, a PNG, a broken JPEG, a text, an absent one, and a grey one."""
    colours = Image.fromarray(np.random.default_rng(0).integers(90, 170, (5, 5, 3), np.uint8))
    image = colours.resize((40, 40), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112] = 1
    image.save(tmp_path / "plain.jpg")
    image.save(tmp_path / "exif.jpg", exif=exif)
    image.save(tmp_path / "other.png")
    (tmp_path / "broken.jpg").write_bytes((tmp_path / "plain.jpg").read_bytes()[:-200])
    (tmp_path / "text.jpg").write_text("hello")
    image.convert("L").convert("RGB").save(tmp_path / "grey.jpg")
    names = ["plain.jpg", "exif.jpg", "other.png", "broken.jpg", "text.jpg", "no.jpg", "grey.jpg"]
    return [Photo(str(tmp_path), name) for name in names]


def test_photos_become_squares_or_reasons_whatever_way_they_are_read(photos):
    keys, found = load_squares(photos, CONFIG)
    assert [isinstance(item, UnreadablePhotoError) for item in found] == [False] * 3 + [
        True,
        True,
        True,
        False,
    ]
    assert keys[5] == 0 and len(set(keys)) == len(keys)
    plain, exif, other = found[:3]
    assert plain.shape == (32, 32, 3) and plain.dtype == np.uint8
    for square in (exif, other):
        assert np.abs(square.astype(int) - plain).mean() < 6


def test_every_photo_is_stored_or_named(photos):
    (group,) = convert([photos], CONFIG)
    assert len(group.examples) == 3
    assert [tuple(map(len, sample)) for sample in group.samples] == 3 * [(16, 16)]
    assert [(p.photo, p.kind) for p in group.problems] == [
        ("broken.jpg", "unreadable"),
        ("text.jpg", "unreadable"),
        ("no.jpg", "unreadable"),
        ("grey.jpg", "greyscale"),
    ]
    assert "truncated" in group.problems[0].reason and len(group.keys) == len(photos)


def test_a_neighbour_changes_nothing(photos):
    (together,) = convert([photos], CONFIG)
    alone = [next(convert([[photo]], CONFIG)).examples[0] for photo in photos[:3]]
    assert together.examples == alone


def test_groups_come_in_order_also_where_threads_decode_ahead(photos):
    many = photos * 30
    with ThreadPoolExecutor(3) as pool:
        ahead = list(convert(grouped(many), CONFIG, pool))
    assert len(ahead) == 7
    for one, other in zip(ahead, convert(grouped(many), CONFIG), strict=True):
        assert one[:3] == other[:3]
        np.testing.assert_array_equal(np.hstack(one.samples), np.hstack(other.samples))


@pytest.mark.parametrize("code, grey", [(128, True), (133, True), (134, False), (122, False)])
def test_near_grey_is_five_levels(code, grey):
    chroma = np.full(2048, 128, np.uint8)
    chroma[777] = code
    assert near_grey(chroma.view(np.uint16)) == grey


def test_codes_are_in_the_order_of_records():
    file = io.BytesIO()
    Image.new("RGB", (32, 32), (255, 0, 0)).save(file, "PNG")
    codes = codes_of(np.array(Image.open(file)))
    assert codes.shape == (32, 32, 3) and codes[0, 0].tolist() == [136, 208, 195]
