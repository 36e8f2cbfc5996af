import io
import struct
import zlib

import numpy as np
import pytest
import pyvips
import tifffile
from PIL import Image, ImageCms
from PIL.ExifTags import Base
from PIL.PngImagePlugin import PngInfo
from tests.support.photos import content, gamma_profile, packed_tiff, tiff

from colorization.color.lightness import photo_lightness
from colorization.data.image_io import UnreadablePhotoError
from deepcolor.colorize.photo_file import read_photo_file
from deepcolor.colorize.provenance import tag_exif

RANDOM = np.random.default_rng(0)
RGB = RANDOM.integers(0, 256, (7, 5, 3), np.uint8)
DEEP = RANDOM.integers(0, 65536, (7, 5, 3)).astype(np.uint16)


def png(pixels):
    """A PNG of 16 bits: `(H, W, channels)`, with 2 and 4 for gray and color with alpha."""
    height, width, channels = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 16, {2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP", "BMP", "GIF", "JPEG"])
def test_photos_of_8_bits_are_read_as_they_are(form):
    options = {"lossless": True} if form == "WEBP" else {}
    photo = read_photo_file(content(Image.fromarray(RGB), form, **options))
    assert photo.pixels.dtype == np.uint8 and photo.pixels.shape == RGB.shape
    if form not in ("GIF", "JPEG"):
        np.testing.assert_array_equal(photo.pixels, RGB)


@pytest.mark.parametrize("mode", ["L", "1"])
def test_a_gray_photo_stays_gray(mode):
    image = Image.fromarray(RGB).convert(mode)
    photo = read_photo_file(content(image))
    np.testing.assert_array_equal(photo.pixels, np.asarray(image.convert("L")))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_gray_of_16_bits_keeps_them(form):
    image = Image.fromarray(DEEP[..., 0])
    np.testing.assert_array_equal(read_photo_file(content(image, form)).pixels, DEEP[..., 0])


def test_a_tiff_whose_zero_is_white_is_no_negative():
    data = content(Image.fromarray(DEEP[..., 0]), "TIFF")
    at = data.index(struct.pack("<HHI", 262, 3, 1))
    inverted = data[: at + 8] + struct.pack("<H", 0) + data[at + 10 :]
    np.testing.assert_array_equal(read_photo_file(inverted).pixels, 65535 - DEEP[..., 0])


@pytest.mark.parametrize(
    ("form", "channels"), [("png", 2), ("png", 3), ("png", 4), ("tiff", 3), ("tiff", 4)]
)
def test_color_and_alpha_of_16_bits_keep_them(form, channels):
    pixels = RANDOM.integers(0, 65536, (9, 6, channels)).astype(np.uint16)
    extra = ["unassalpha"] * (channels - 3)
    data = png(pixels) if form == "png" else tiff(pixels, photometric="rgb", extrasamples=extra)
    photo = read_photo_file(data)
    color = pixels[..., 0] if channels == 2 else pixels[..., :3]
    np.testing.assert_array_equal(photo.pixels, color)
    if channels != 3:
        np.testing.assert_array_equal(photo.alpha, pixels[..., -1])


def test_premultiplied_color_of_16_bits_is_divided_by_its_alpha():
    color = RANDOM.integers(0, 65536, (9, 6, 3))
    alpha = RANDOM.integers(30000, 65536, (9, 6, 1))
    pixels = np.concatenate([np.rint(color * (alpha / 65535)), alpha], axis=-1).astype(np.uint16)
    photo = read_photo_file(tiff(pixels, photometric="rgb", extrasamples=["assocalpha"]))
    np.testing.assert_allclose(photo.pixels, color, atol=3)
    np.testing.assert_array_equal(photo.alpha, pixels[..., 3])


def test_a_channel_of_16_bits_of_an_unknown_kind_is_left_out_with_a_warning():
    pixels = RANDOM.integers(0, 65536, (9, 6, 4)).astype(np.uint16)
    photo = read_photo_file(tiff(pixels, photometric="rgb", extrasamples=["unspecified"]))
    np.testing.assert_array_equal(photo.pixels, pixels[..., :3])
    assert photo.alpha is None and "unknown kind" in photo.notes[0]


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_white_of_packed_bits_is_white(bits):
    white = np.full((4, 6, 1), 2**bits - 1)
    white[0, 0] = 0
    photo = read_photo_file(packed_tiff(white, bits))
    assert photo.pixels.dtype == np.uint16 and photo.format == "TIFF" and not photo.notes
    assert photo.pixels[0, 0] == 0 and (photo.pixels.flat[1:] == 65535).all()


@pytest.mark.parametrize("kind", ["tif", "dng"])
def test_a_thumbnail_is_not_taken_for_the_scan(kind):
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        sub = {"subifds": 1} if kind == "dng" else {}
        writer.write(RGB, photometric="rgb", subfiletype=1, **sub)
        writer.write(np.tile(DEEP, (4, 4, 1)), photometric="rgb", subfiletype=0)
    if kind == "dng":
        with pytest.raises(UnreadablePhotoError, match="only a thumbnail"):
            read_photo_file(file.getvalue())
    else:
        photo = read_photo_file(file.getvalue())
        np.testing.assert_array_equal(photo.pixels, np.tile(DEEP, (4, 4, 1)))
        assert not photo.notes


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("channels", [3, 4])
def test_channels_of_16_bits_one_after_the_other_are_no_noise(order, compression, channels):
    pixels = RANDOM.integers(0, 65536, (9, 6, channels)).astype(np.uint16)
    data = tiff(
        np.moveaxis(pixels, -1, 0),
        photometric="rgb",
        planarconfig="separate",
        byteorder=order,
        compression=compression,
        extrasamples=["unassalpha"] * (channels - 3),
    )
    photo = read_photo_file(data)
    np.testing.assert_array_equal(photo.pixels, pixels[..., :3])
    if channels == 4:
        np.testing.assert_array_equal(photo.alpha, pixels[..., 3])


def test_floating_point_pixels_are_read_if_they_are_shares():
    shares = np.linspace(0, 1, 20, dtype=np.float32).reshape(4, 5)
    photo = read_photo_file(content(Image.fromarray(shares), "TIFF"))
    np.testing.assert_array_equal(photo.pixels, np.rint(shares * 65535).astype(np.uint16))
    with pytest.raises(UnreadablePhotoError, match=r"\[0, 1\]"):
        read_photo_file(content(Image.fromarray(shares * 255), "TIFF"))


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
    photo = read_photo_file(content(stored, form, exif=exif))
    assert photo.pixels.shape == upright.shape
    assert photo.pixels[2, 2, 0] > 200 and photo.pixels[-3, -3, 0] < 50
    assert photo.pixels[2, -3, 0] < 50 and photo.pixels[-3, 2, 0] < 50
    assert 0x0112 not in tag_exif(photo.exif)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_deep_tiff_with_an_orientation_is_turned_once(orientation):
    stored = DEEP if orientation < 5 else DEEP.swapaxes(0, 1)
    stored = stored[:: -1 if orientation in (3, 4, 7, 8) else 1]
    stored = stored[:, :: -1 if orientation in (2, 3, 6, 7) else 1]
    if orientation in (6, 8):
        stored = stored[::-1, ::-1]
    data = tiff(stored.copy(), photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
    photo = read_photo_file(data)
    np.testing.assert_array_equal(photo.pixels, DEEP)
    assert 0x0112 not in tag_exif(photo.exif)


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
    np.testing.assert_array_equal(read_photo_file(data).alpha, expected)


def test_transparency_that_hides_nothing_is_none():
    assert read_photo_file(content(Image.fromarray(RGB).convert("RGBA"))).alpha is None
    assert read_photo_file(png(np.full((4, 4, 4), 65535, np.uint16))).alpha is None


@pytest.mark.parametrize("description", ["gamma", "GIMP built-in Linear sRGB"])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("gray", ["no", "photo", "photo and profile"])
def test_a_profile_says_what_lightness_the_pixels_have(deep, gray, description):
    # Linear light: the middle code is half of the luminance, L = 76, not sRGB's 53.
    profile = gamma_profile(1.0, gray == "photo and profile", description)
    top = 65535 if deep else 255
    shape = (8, 8, 3) if gray == "no" else (8, 8)
    pixels = np.full(shape, round(top / 2), np.uint16 if deep else np.uint8)
    kind = "rgb" if gray == "no" else "minisblack"
    photo = read_photo_file(tiff(pixels, photometric=kind, iccprofile=profile))
    assert photo.has_profile and not photo.notes and photo.pixels.shape == shape
    np.testing.assert_allclose(photo_lightness(photo.pixels), 76.07, atol=0.02 if deep else 0.2)
    assert (photo.pixels.dtype == np.uint16) == deep


@pytest.mark.parametrize("pixels", [RGB, DEEP, RGB[..., 0], DEEP[..., 0]])
def test_pixels_of_srgb_are_not_changed_by_its_profile(pixels):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kind = "rgb" if pixels.ndim == 3 else "minisblack"
    photo = read_photo_file(tiff(pixels, photometric=kind, iccprofile=profile))
    assert photo.has_profile and not photo.notes
    np.testing.assert_array_equal(photo.pixels, pixels)


def test_a_profile_gives_cmyk_its_colors():
    image = Image.new("CMYK", (8, 8), (0, 0, 0, 128))
    assert read_photo_file(content(image, "JPEG")).pixels.shape == (8, 8, 3)
    photo = read_photo_file(content(image, "JPEG", icc_profile=gamma_profile(1.0)))
    assert "does not fit" in photo.notes[0] and photo.pixels.shape == (8, 8, 3)


@pytest.mark.parametrize("pixels", [RGB, DEEP])
@pytest.mark.parametrize("profile", [b"no profile", gamma_profile(1.0, gray=True)])
def test_a_profile_that_does_not_fit_is_ignored_with_a_warning(pixels, profile):
    photo = read_photo_file(tiff(pixels, photometric="rgb", iccprofile=profile))
    np.testing.assert_array_equal(photo.pixels, pixels)
    assert "profile" in photo.notes[0]


@pytest.mark.parametrize("profile", [None, gamma_profile(2.2)])
def test_a_lossless_webp_is_known_as_one(profile):
    for lossless in (True, False):
        data = content(Image.fromarray(RGB), "WEBP", lossless=lossless, icc_profile=profile)
        assert read_photo_file(data).lossless == lossless


def test_a_phones_jpeg_with_a_second_image_is_a_jpeg():
    image = Image.fromarray(RGB)
    data = content(image, "MPO", save_all=True, append_images=[image])
    assert read_photo_file(data).format == "JPEG"


def test_old_exif_in_a_png_text_turns_the_photo_and_is_not_kept():
    exif = Image.Exif()
    exif[0x0112] = 6
    raw, info = exif.tobytes(), PngInfo()
    text = f"\nexif\n{len(raw):8}\n{raw.hex()}\n"
    info.add_text("Raw profile type exif", text, zip=True)
    photo = read_photo_file(content(Image.fromarray(RGB), pnginfo=info))
    np.testing.assert_array_equal(photo.pixels, np.rot90(RGB, -1))
    assert not photo.texts


def test_the_first_frame_of_an_animation_is_taken_with_a_warning():
    frames = [Image.new("L", (8, 8), gray) for gray in (50, 100, 150)]
    data = content(frames[0], "GIF", save_all=True, append_images=frames[1:])
    photo = read_photo_file(data)
    assert photo.pixels.flat[0] == 50 and "first of 3" in photo.notes[0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"no photo", "not an image"),
        (content(Image.fromarray(RGB), "JPEG")[:200], "cannot be read"),
        (png(DEEP)[:150], "cannot be read"),
        (tiff(DEEP, photometric="rgb")[:-50], "cannot be read"),
        (tiff(DEEP, photometric="rgb", compression="zlib")[:-50], "cannot be read"),
        (content(Image.new("1", (10_001, 10_000))), "10001x10000 is over 100 megapixels"),
    ],
)
def test_an_unreadable_file_is_an_error_with_its_reason(data, message):
    with pytest.raises(UnreadablePhotoError, match=message):
        read_photo_file(data)


def test_an_impossible_orientation_is_ignored():
    data = tiff(DEEP, photometric="rgb", extratags=[(274, 3, 1, 9, True)])
    np.testing.assert_array_equal(read_photo_file(data).pixels, DEEP)


@pytest.mark.parametrize(
    ("channels", "options"),
    [
        (2, {"photometric": "minisblack", "extrasamples": ["unassalpha"]}),
        (1, {"photometric": "miniswhite", "byteorder": ">"}),
        (5, {"photometric": "rgb", "extrasamples": ["unassalpha", "unspecified"]}),
    ],
)
def test_kinds_of_tiff_that_only_libvips_decodes_keep_pixels_and_metadata(channels, options):
    pixels = RANDOM.integers(0, 65536, (9, 6, channels)).astype(np.uint16)
    options["extratags"] = [(Base.Artist, 2, 0, "Grandfather", True)]
    photo = read_photo_file(tiff(pixels[..., 0] if channels == 1 else pixels, **options))
    if channels == 5:
        np.testing.assert_array_equal(photo.pixels, pixels[..., :3])
        assert "unknown kind" in photo.notes[0]
    else:
        gray = pixels[..., 0]
        np.testing.assert_array_equal(photo.pixels, 65535 - gray if channels == 1 else gray)
    if channels > 1:
        np.testing.assert_array_equal(photo.alpha, pixels[..., 3 if channels == 5 else 1])
    assert photo.exif[Base.Artist] == "Grandfather" and photo.format == "TIFF"


def test_lab_of_16_bits_is_read_as_rgb():
    lab = np.zeros((4, 4, 3), np.uint16)
    lab[..., 0] = 65280 // 2  # L = 50, a and b are 0
    photo = read_photo_file(tiff(lab, photometric="cielab"))
    assert photo.pixels.dtype == np.uint16
    np.testing.assert_allclose(photo_lightness(photo.pixels), 50, atol=0.3)
    assert np.ptp(photo.pixels, axis=-1).max() < 300


def test_a_tiff_compressed_as_webp_is_read():
    image = pyvips.Image.new_from_array(RGB.repeat(8, axis=0).repeat(8, axis=1))
    data = image.tiffsave_buffer(compression="webp", lossless=True)
    np.testing.assert_array_equal(read_photo_file(data).pixels, image.numpy())


@pytest.mark.parametrize(
    ("data", "depth"),
    [
        (tiff(np.full((9, 9, 4), 999, np.uint16), photometric="separated"), "16 bits"),
        (b"P6 1 1 65535\n" + bytes(6), "16 bits"),
    ],
)
def test_bits_that_are_lost_are_told(data, depth):
    assert f"its {depth} per channel are reduced to 8" in read_photo_file(data).notes


@pytest.mark.parametrize("depth", [8, 10])
def test_the_bits_of_an_avif_are_told_if_they_are_lost(depth):
    image = pyvips.Image.new_from_array(np.tile(RGB, (16, 16, 1)))
    data = image.heifsave_buffer(compression="av1", bitdepth=depth)
    told = "its 10 bits per channel are reduced to 8" in read_photo_file(data).notes
    assert told == (depth == 10)


def test_a_mask_and_a_reduced_copy_are_no_pages():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for kind in (4, 1, 0, 1):
            if kind == 4:
                writer.write(RGB[..., 0] > 99, photometric=4, subfiletype=kind)
            else:
                writer.write(RGB if kind else DEEP, photometric="rgb", subfiletype=kind)
    photo = read_photo_file(file.getvalue())
    np.testing.assert_array_equal(photo.pixels, DEEP)
    assert not photo.notes


def test_a_page_of_12_bits_behind_another_is_unpacked():
    data = bytearray(packed_tiff(np.full((6, 8, 1), 4095), 12))
    (entries,) = struct.unpack_from("<H", data, 8)
    end = 8 + 2 + 12 * entries
    # A second page of the same samples, in which 0 is white.
    black, white = (
        struct.pack("<HHIHH", Base.PhotometricInterpretation, 3, 1, zero, zero) for zero in (1, 0)
    )
    assert data.count(black) == 1
    second = data[8:end].replace(black, white)
    struct.pack_into("<I", data, end, len(data))
    data += second + bytes(4)
    pages = [read_photo_file(bytes(data), page) for page in (0, 1)]
    assert [page.pixels.dtype for page in pages] == [np.uint16, np.uint16]
    assert [page.pages for page in pages] == [2, 2]
    assert pages[0].pixels.min() == 65535 and pages[1].pixels.max() == 0


def test_a_lossless_frame_of_an_animated_webp_is_known_as_one():
    frames = [Image.fromarray(RGB), Image.fromarray(RGB[::-1])]
    data = content(frames[0], "WEBP", lossless=True, save_all=True, append_images=frames[1:])
    assert read_photo_file(data).lossless


def test_a_damaged_entry_of_the_exif_is_left_out_and_the_others_are_kept():
    # An Artist that is a number.
    entries = struct.pack("<HHII", Base.Make, 2, 4, int.from_bytes(b"Zei\0", "little"))
    entries += struct.pack("<HHII", Base.Artist, 5, 1, 38)
    exif = b"II*\0" + struct.pack("<IH", 8, 2) + entries + bytes(4) + struct.pack("<II", 1, 2)
    photo = read_photo_file(content(Image.fromarray(RGB), "JPEG", exif=b"Exif\0\0" + exif))
    assert photo.notes == ("Artist of its EXIF is damaged and is left out",)
    assert photo.exif[Base.Make] == "Zei" and Base.Artist not in photo.exif


@pytest.mark.parametrize("exif", [b"no TIFF at all", b"II*\0\xff\xff\xff\xff" + bytes(9)])
def test_damaged_exif_does_not_cost_the_photo(exif):
    photo = read_photo_file(content(Image.fromarray(RGB), "JPEG", exif=b"Exif\0\0" + exif))
    assert photo.pixels.shape == RGB.shape and not photo.exif
    assert photo.notes == ("its EXIF is damaged and is left out",)


def test_a_text_of_many_megabytes_does_not_cost_the_photo():
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "<x/>" + "ancestor " * 300_000, zip=True)
    assert len(read_photo_file(content(Image.fromarray(RGB), pnginfo=info)).xmp) > 2_000_000


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (tiff(np.zeros((9, 9, 3), np.float32), photometric="rgb"), "32-bit RGB.*convert it"),
        (b"\0\0\0\x18ftypheic" + bytes(99), "pip install pillow-heif"),
        (b"\xff\x0a" + bytes(99), "pip install pillow-jxl-plugin"),
        (b"<!DOCTYPE html><html>", "a web page"),
    ],
)
def test_what_is_not_read_is_named_with_what_to_do(data, reason):
    with pytest.raises(UnreadablePhotoError, match=reason):
        read_photo_file(data)
