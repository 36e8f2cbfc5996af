import io

import keras
import numpy as np
import pytest
from PIL import Image

from colorization.data.jpegs import GROUP, is_plain, squares_of


def jpeg(size=(40, 60), mode="RGB", **options):
    noise = np.random.default_rng(0).integers(0, 256, (size[1] // 4 + 1, size[0] // 4 + 1, 3))
    image = Image.fromarray(noise.astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    file = io.BytesIO()
    image.convert(mode).save(file, "JPEG", **options)
    return file.getvalue()


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"quality": 95, "subsampling": 0}, {"size": (64, 64)}]
)
def test_ordinary_jpegs_are_plain(options):
    assert is_plain(jpeg(**options), 32)


@pytest.mark.parametrize(
    "data",
    [
        jpeg(size=(65, 64)),
        jpeg(mode="L"),
        jpeg(mode="CMYK"),
        jpeg(exif=turned()),
        jpeg(icc_profile=b"a profile"),
        jpeg()[:100],
        b"",
        b"hello, I am no photo",
        b"\xff\xd8\xff" + b"\xff" * 99,
    ],
)
def test_what_needs_more_care_or_is_no_photo_is_not_plain(data):
    assert not is_plain(data, 32)


def test_squares_are_those_of_the_assignments_resizing():
    data = jpeg()
    (square,) = squares_of([data], 32)
    rgb = np.asarray(Image.open(io.BytesIO(data)))
    expected = keras.layers.Resizing(32, 32)(rgb[None].astype(np.float32))[0].numpy()
    assert np.abs(square - expected).mean() < 2  # decoders differ by a level or two


def test_a_broken_jpeg_spoils_no_other_and_changes_none():
    good = [jpeg(quality=quality) for quality in range(50, 50 + GROUP + 3)]
    mixed = [*good[:5], good[5][:-200], *good[6:]]
    alone, together = squares_of(good, 32), squares_of(mixed, 32)
    assert together[5] is None
    for index in (0, 4, 6, GROUP, GROUP + 2):
        np.testing.assert_array_equal(alone[index], together[index])
