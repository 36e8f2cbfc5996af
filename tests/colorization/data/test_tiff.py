import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image
from tests.support.photos import packed_tiff, tiff

from colorization.data.tiff import call_gray, describe_tiff, photo_pages, unpack_tiff

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("bits", [9, 10, 12, 14, 15])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize("photometric", [0, 1])
def test_gray_of_packed_bits_becomes_16_bits_and_white_stays_white(
    bits, order, deflate, photometric
):
    white = 2**bits - 1
    samples = RANDOM.integers(0, white + 1, (70, 7, 1))
    samples[0, :2, 0] = 0, white
    expected = np.rint(samples[..., 0] * (65535 / white)).astype(np.uint16)
    if photometric == 0:
        expected = 65535 - expected
    data = unpack_tiff(packed_tiff(samples, bits, order, deflate, photometric))
    with Image.open(io.BytesIO(data)) as image:
        np.testing.assert_array_equal(np.asarray(image), expected)


@pytest.mark.parametrize("order", "<>")
def test_color_of_packed_bits_becomes_16_bits(order):
    samples = RANDOM.integers(0, 4096, (9, 5, 3))
    found = tifffile.imread(io.BytesIO(unpack_tiff(packed_tiff(samples, 12, order, photometric=2))))
    np.testing.assert_array_equal(found, np.rint(samples * (65535 / 4095)).astype(np.uint16))


@pytest.mark.parametrize(
    "data", [tiff(np.zeros((4, 4), np.uint16)), b"II*\0", b"II*\0\xff\xff\xff\xff", b"no TIFF", b""]
)
def test_other_files_stay_as_they_are(data):
    assert unpack_tiff(data) == data


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", "<>")
def test_thumbnails_and_masks_are_no_pages(big, order):
    file = io.BytesIO()
    with tifffile.TiffWriter(file, bigtiff=big, byteorder=order) as writer:
        for kind in (1, 0, 4, 2):
            pixels = np.zeros((4, 8), np.bool_ if kind == 4 else np.uint8)
            writer.write(pixels, photometric=4 if kind == 4 else 1, subfiletype=kind)
    assert photo_pages(file.getvalue()) == [1, 3]


def test_pages_that_lead_in_a_circle_end():
    data = bytearray(tiff(np.zeros((4, 4), np.uint8)))
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * entries, first)
    assert photo_pages(bytes(data)) == [0]


def test_a_kind_of_tiff_is_described():
    rgb = np.zeros((4, 4, 3), np.float32)
    assert describe_tiff(tiff(rgb, photometric="rgb")) == "32-bit RGB"
    both = np.zeros((4, 4, 2), np.uint16)
    data = tiff(both, photometric="minisblack", extrasamples=["unassalpha"])
    assert describe_tiff(data) == "16-bit gray with more channels"
    assert describe_tiff(b"II*\0\xff\xff") == "damaged" and describe_tiff(b"PNG") == ""


def test_any_kind_of_tiff_can_be_opened_for_its_metadata():
    data = tiff(np.zeros((4, 6, 3), np.float32), photometric="rgb", resolution=(600, 600))
    with Image.open(io.BytesIO(call_gray(data))) as image:
        assert image.size == (6, 4) and image.info["dpi"] == (600, 600)
