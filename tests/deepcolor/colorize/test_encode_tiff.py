import io

import numpy as np
import pytest
import tifffile
from PIL import Image
from PIL.ExifTags import IFD, Base

from deepcolor.colorize.encode_tiff import join_pages, make_page

RANDOM = np.random.default_rng(0)


def exif(artist):
    made = Image.Exif()
    made[Base.Artist] = artist
    made.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "1931:05:02 12:00:00"
    return made


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pages_keep_their_pixels_and_each_its_metadata(dtype):
    shapes = [(9, 7, 3), (500, 900, 3), (5, 3, 4)]
    photos = [RANDOM.integers(0, np.iinfo(dtype).max, shape).astype(dtype) for shape in shapes]
    pages = [
        make_page(photo, exif(f"page {number}"), b"<x/>", dpi=(300, 300))
        for number, photo in enumerate(photos)
    ]
    data = join_pages(pages)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert len(file.pages) == 3
        for page, photo in zip(file.pages, photos, strict=True):
            np.testing.assert_array_equal(page.asarray(), photo)
    if dtype == np.uint8:
        with Image.open(io.BytesIO(data)) as image:
            for number in range(3):
                image.seek(number)
                assert image.getexif()[Base.Artist] == f"page {number}"
                taken = image.getexif().get_ifd(IFD.Exif)[Base.DateTimeOriginal]
                assert taken.startswith("1931") and image.info["dpi"] == (300, 300)


def test_a_file_of_over_4_gb_is_refused(monkeypatch):
    monkeypatch.setattr("deepcolor.colorize.encode_tiff.MAX_SIZE", 20_000)
    page = make_page(RANDOM.integers(0, 256, (50, 60, 3), np.uint8), Image.Exif(), b"<x/>")
    assert join_pages([page, page])
    with pytest.raises(ValueError, match="at most 4 GB"):
        join_pages([page, page, page])
