import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from colorization.config import Preparation
from colorization.data.convert import (
    convert_photos,
    is_near_gray,
    load_photo,
    rgb_to_codes,
    split_into_batches,
)
from colorization.data.image_io import UnreadablePhotoError
from colorization.data.sources import Photo

CONFIG = Preparation(image_size=32)


@pytest.fixture
def photos(tmp_path):
    """A plain JPEG, one with EXIF, a PNG, a broken JPEG, a text, an absent one, and a gray one."""
    colors = Image.fromarray(np.random.default_rng(0).integers(90, 170, (5, 5, 3), np.uint8))
    image = colors.resize((40, 40), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112] = 1
    image.save(tmp_path / "plain.jpg")
    image.save(tmp_path / "exif.jpg", exif=exif)
    image.save(tmp_path / "other.png")
    (tmp_path / "broken.jpg").write_bytes((tmp_path / "plain.jpg").read_bytes()[:-200])
    (tmp_path / "text.jpg").write_text("hello")
    image.convert("L").convert("RGB").save(tmp_path / "gray.jpg")
    names = ["plain.jpg", "exif.jpg", "other.png", "broken.jpg", "text.jpg", "no.jpg", "gray.jpg"]
    return [Photo(str(tmp_path), name) for name in names]


def test_photos_become_squares_or_reasons(photos):
    keys, squares = zip(*(load_photo(photo, CONFIG) for photo in photos), strict=True)
    failed = [isinstance(square, UnreadablePhotoError) for square in squares]
    assert failed == [False, False, False, True, True, True, False]
    assert keys[5] == 0 and len(set(keys)) == len(keys)
    plain, exif, other = squares[:3]
    assert plain.shape == (32, 32, 3) and plain.dtype == np.uint8
    np.testing.assert_array_equal(exif, plain)
    assert np.abs(other.astype(int) - plain).mean() < 6


def test_every_photo_is_stored_or_named(photos):
    (group,) = convert_photos([photos], CONFIG)
    assert len(group.examples) == 3
    assert [tuple(map(len, sample)) for sample in group.samples] == 3 * [(16, 16)]
    assert [(p.photo, p.kind) for p in group.problems] == [
        ("broken.jpg", "unreadable"),
        ("text.jpg", "unreadable"),
        ("no.jpg", "unreadable"),
        ("gray.jpg", "grayscale"),
    ]
    assert "ends too early" in group.problems[0].reason and len(group.keys) == len(photos)


def test_a_neighbor_changes_nothing(photos):
    (together,) = convert_photos([photos], CONFIG)
    alone = [next(convert_photos([[photo]], CONFIG)).examples[0] for photo in photos[:3]]
    assert together.examples == alone


def test_groups_come_in_order_also_where_threads_decode_ahead(photos):
    many = photos * 30
    with ThreadPoolExecutor(3) as pool:
        ahead = list(convert_photos(split_into_batches(many), CONFIG, pool))
    assert len(ahead) == 7
    for one, other in zip(ahead, convert_photos(split_into_batches(many), CONFIG), strict=True):
        assert one[:3] == other[:3]
        np.testing.assert_array_equal(np.hstack(one.samples), np.hstack(other.samples))


@pytest.mark.parametrize("code, gray", [(128, True), (133, True), (134, False), (122, False)])
def test_near_gray_is_five_levels(code, gray):
    chroma = np.full(2048, 128, np.uint8)
    chroma[777] = code
    assert is_near_gray(chroma.view(np.uint16)) == gray


def test_codes_are_in_the_order_of_records():
    file = io.BytesIO()
    Image.new("RGB", (32, 32), (255, 0, 0)).save(file, "PNG")
    codes = rgb_to_codes(np.array(Image.open(file)))
    assert codes.shape == (32, 32, 3) and codes[0, 0].tolist() == [136, 208, 195]
