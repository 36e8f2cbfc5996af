import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from colorization.color.lightness import photo_lightness
from deepcolor.colorize.pictures import UnreadablePictureError, read_picture
from deepcolor.colorize.provenance import tag_exif
from deepcolor.colorize.sixteen_bits import png_of
from deepcolor.colorize.tiffs import tiff_of

RANDOM = np.random.default_rng(0)
RGB = RANDOM.integers(0, 256, (7, 5, 3), np.uint8)
DEEP = RANDOM.integers(0, 65536, (7, 5, 3)).astype(np.uint16)


def content(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP", "BMP", "GIF", "JPEG"])
def test_photos_of_8_bits_are_read_as_they_are(form):
    options = {"lossless": True} if form == "WEBP" else {}
    picture = read_picture(content(Image.fromarray(RGB), form, **options))
    assert picture.pixels.dtype == np.uint8 and picture.pixels.shape == RGB.shape
    if form not in ("GIF", "JPEG"):
        np.testing.assert_array_equal(picture.pixels, RGB)


@pytest.mark.parametrize("mode", ["L", "1"])
def test_a_gray_photo_stays_gray(mode):
    image = Image.fromarray(RGB).convert(mode)
    picture = read_picture(content(image))
    np.testing.assert_array_equal(picture.pixels, np.asarray(image.convert("L")))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_gray_of_16_bits_keeps_them(form):
    image = Image.fromarray(DEEP[..., 0])
    np.testing.assert_array_equal(read_picture(content(image, form)).pixels, DEEP[..., 0])


def test_a_tiff_whose_zero_is_white_is_no_negative():
    data = content(Image.fromarray(DEEP[..., 0]), "TIFF")
    at = data.index(struct.pack("<HHI", 262, 3, 1))
    inverted = data[: at + 8] + struct.pack("<H", 0) + data[at + 10 :]
    np.testing.assert_array_equal(read_picture(inverted).pixels, 65535 - DEEP[..., 0])


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("form", ["png", "tiff"])
def test_color_of_16_bits_keeps_them(form, channels):
    pixels = RANDOM.integers(0, 65536, (9, 6, channels)).astype(np.uint16)
    exif = tag_exif(Image.Exif())
    data = (
        png_of(pixels, PngInfo(), exif.tobytes()[6:], None, None)
        if form == "png"
        else tiff_of(pixels, exif, b"<x/>", None, None)
    )
    picture = read_picture(data)
    np.testing.assert_array_equal(picture.pixels, pixels[..., :3])
    if channels == 4:
        np.testing.assert_array_equal(picture.alpha, pixels[..., 3])


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("channels", [3, 4])
def test_channels_of_16_bits_one_after_the_other_are_no_noise(order, compression, channels):
    pixels = RANDOM.integers(0, 65536, (9, 6, channels)).astype(np.uint16)
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        np.moveaxis(pixels, -1, 0),
        photometric="rgb",
        planarconfig="separate",
        byteorder=order,
        compression=compression,
    )
    picture = read_picture(file.getvalue())
    np.testing.assert_array_equal(picture.pixels, pixels[..., :3])
    if channels == 4:
        np.testing.assert_array_equal(picture.alpha, pixels[..., 3])


def test_floating_point_pixels_are_read_if_they_are_shares():
    shares = np.linspace(0, 1, 20, dtype=np.float32).reshape(4, 5)
    picture = read_picture(content(Image.fromarray(shares), "TIFF"))
    np.testing.assert_array_equal(picture.pixels, np.rint(shares * 65535).astype(np.uint16))
    with pytest.raises(UnreadablePictureError, match=r"\[0, 1\]"):
        read_picture(content(Image.fromarray(shares * 255), "TIFF"))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_is_applied_once_and_gone(form, orientation):
    upright = np.zeros((24, 48, 3), np.uint8)
    upright[:8, :8] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(upright)
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    if orientation > 1:
        stored = stored.transpose(Image.Transpose(undo[orientation]))
    picture = read_picture(content(stored, form, exif=exif))
    assert picture.pixels.shape == upright.shape
    assert picture.pixels[2, 2, 0] > 200 and picture.pixels[-3, -3, 0] < 50
    assert picture.pixels[2, -3, 0] < 50 and picture.pixels[-3, 2, 0] < 50
    assert 0x0112 not in tag_exif(picture.exif)


def test_a_deep_tiff_with_an_orientation_is_turned_once():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = tiff_of(np.rot90(DEEP).copy(), exif, b"<x/>", None, None)
    np.testing.assert_array_equal(read_picture(data).pixels, DEEP)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_kept_apart(mode):
    alpha = Image.fromarray(RGB[..., 0])
    image = Image.fromarray(RGB)
    if mode == "P":
        image = image.quantize(8)
        data = content(image, transparency=0)
        expected = np.where(np.asarray(image) == 0, 0, 255)
    else:
        image = image.convert(mode)
        image.putalpha(alpha)
        data, expected = content(image), RGB[..., 0]
    np.testing.assert_array_equal(read_picture(data).alpha, expected)


def test_transparency_that_hides_nothing_is_none():
    assert read_picture(content(Image.fromarray(RGB).convert("RGBA"))).alpha is None


def gamma_profile(gamma, gray=False):
    """An ICC profile: sRGB's primaries, or gray, with a power for its curve."""
    curve = struct.pack(">4sIIH2x", b"curv", 0, 1, round(gamma * 256))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = struct.unpack_from(">I", srgb, 128)[0]
    entries = [struct.unpack_from(">4sII", srgb, 132 + 12 * i) for i in range(count)]
    tags = {name: srgb[at : at + size] for name, at, size in entries}
    name = "gamma".encode("utf-16-be")
    tags[b"desc"] = (
        struct.pack(">4sIII2s2sII", b"mluc", 0, 1, 12, b"en", b"US", len(name), 28) + name
    )
    if gray:
        tags = {k: v for k, v in tags.items() if k in (b"desc", b"cprt", b"wtpt")}
        tags[b"kTRC"] = curve
    else:
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    at, table, body = 132 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += struct.pack(">4sII", name, at + len(body), len(value))
        body += value
    head = bytearray(srgb[:128])
    if gray:
        head[16:20] = b"GRAY"
    whole = bytes(head) + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("gray", [False, True])
def test_a_profile_says_what_lightness_the_pixels_have(deep, gray):
    # Linear light: the middle code is half of the luminance, L = 76, not sRGB's 53.
    profile = gamma_profile(1.0, gray)
    top = 65535 if deep else 255
    pixels = np.full((8, 8) if gray else (8, 8, 3), round(top / 2), np.uint16 if deep else np.uint8)
    if deep and not gray:
        data = tiff_of(pixels, Image.Exif(), b"<x/>", profile, None)
    else:
        data = content(Image.fromarray(pixels), "TIFF", icc_profile=profile)
    picture = read_picture(data)
    assert picture.profiled and not picture.notes
    np.testing.assert_allclose(photo_lightness(picture.pixels), 76.1, atol=0.6)
    assert (picture.pixels.dtype == np.uint16) == deep


def test_a_broken_profile_is_ignored_and_told():
    picture = read_picture(content(Image.fromarray(RGB), icc_profile=b"no profile"))
    np.testing.assert_array_equal(picture.pixels, RGB)
    assert "profile" in picture.notes[0]


def test_of_an_animation_the_first_frame_is_taken_and_the_user_told():
    frames = [Image.new("L", (8, 8), gray) for gray in (50, 100, 150)]
    data = content(frames[0], "GIF", save_all=True, append_images=frames[1:])
    picture = read_picture(data)
    assert picture.pixels.flat[0] == 50 and "first of 3" in picture.notes[0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"no photo", "no image"),
        (content(Image.fromarray(RGB), "JPEG")[:200], "cannot be read"),
        (content(Image.new("1", (10_001, 10_000))), "10001x10000 is over 100 megapixels"),
    ],
)
def test_what_cannot_be_read_is_told(data, message):
    with pytest.raises(UnreadablePictureError, match=message):
        read_picture(data)
