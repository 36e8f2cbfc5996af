import io
import os

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms
from tests.support.photos import content, gamma_profile, packed_tiff, tiff

from colorization.color.lightness import photo_lightness
from colorization.data.image_io import (
    UnreadablePhotoError,
    crop_and_resize,
    decode_photo,
    decode_square,
    read_bytes,
    read_photo,
)
from colorization.data.photo_formats import FORMATS


def save_image(path, size=(6, 4), mode="RGB", color=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new(mode, size, (200, 50, 50) if color is None else color)
    image.save(path, **options)
    return path


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.suffix)
def test_the_table_of_formats_agrees_with_pillow(form):
    Image.init()
    if not form.package:
        # A JPEG with a second picture is opened as a JPEG.
        assert Image.EXTENSION[form.suffix].replace("MPO", "JPEG") == form.pillow
        assert Image.MIME[form.pillow] == form.media_type


@pytest.mark.parametrize(
    ("name", "mode", "color", "expected"),
    [
        ("gray.png", "L", 100, (100, 100, 100)),
        ("deep.png", "I;16", 65535, (255, 255, 255)),
        ("clear.png", "RGBA", (0, 0, 0, 0), (255, 255, 255)),
        ("palette.gif", "P", 0, (0, 0, 0)),
        ("press.jpg", "CMYK", (0, 0, 0, 0), (255, 255, 255)),
        ("web.webp", "RGB", (200, 50, 50), (200, 50, 50)),
        ("paint.bmp", "RGB", (200, 50, 50), (200, 50, 50)),
        ("scan.tif", "RGB", (200, 50, 50), (200, 50, 50)),
        ("bits.png", "1", 1, (255, 255, 255)),
        ("new.avif", "RGB", (200, 50, 50), (200, 50, 50)),
    ],
)
def test_every_kind_of_photo_becomes_8_bit_rgb(tmp_path, name, mode, color, expected):
    rgb = read_photo(save_image(tmp_path / name, mode=mode, color=color))
    assert rgb.shape == (4, 6, 3) and rgb.dtype == np.uint8
    np.testing.assert_allclose(
        rgb[0, 0], expected, atol=3 if name.endswith(("webp", "avif")) else 1
    )


def test_a_transparent_palette_is_laid_on_white(tmp_path):
    image = Image.new("P", (6, 4), 3)
    image.putpalette([10, 20, 30] * 256)
    image.save(tmp_path / "p.png", transparency=3)
    assert (read_photo(tmp_path / "p.png") == 255).all()


def test_the_first_frame_of_an_animation_is_taken(tmp_path):
    frames = [Image.new("RGB", (6, 4), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert tuple(read_photo(tmp_path / "a.gif")[0, 0]) == (255, 0, 0)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_a_photo_is_turned_upright(tmp_path, suffix):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_photo(save_image(tmp_path / f"turned.{suffix}", exif=exif)).shape == (6, 4, 3)


def test_an_embedded_color_profile_is_applied(tmp_path):
    # A profile that swaps nothing but the white point: colors move, and by little.
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB", 5000))
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = read_photo(save_image(tmp_path / "plain.png"))
    assert (read_photo(save_image(tmp_path / "srgb.png", icc_profile=icc)) == plain).all()
    unfitting = save_image(tmp_path / "lab.png", icc_profile=profile.tobytes())
    assert (read_photo(unfitting) == plain).all()
    broken = save_image(tmp_path / "broken.png", icc_profile=b"no profile")
    assert (read_photo(broken) == plain).all()


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff\xe0 and no more"])
def test_what_cannot_be_read_is_told(tmp_path, content):
    (tmp_path / "x.jpg").write_bytes(content)
    with pytest.raises(UnreadablePhotoError, match="\\w") as told:
        read_photo(tmp_path / "x.jpg")
    assert told.value.kind == "unreadable"


def test_links_that_lead_nowhere_or_in_circles_are_told(tmp_path):
    (tmp_path / "a.jpg").symlink_to(tmp_path / "b.jpg")
    (tmp_path / "b.jpg").symlink_to(tmp_path / "a.jpg")
    (tmp_path / "c.jpg").symlink_to(tmp_path / "nothing")
    for name in ("a.jpg", "c.jpg"):
        with pytest.raises(UnreadablePhotoError, match="symbolic links|No such file"):
            read_photo(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_photo_one_may_not_read_is_told(tmp_path):
    save_image(tmp_path / "x.jpg").chmod(0)
    with pytest.raises(UnreadablePhotoError, match="Permission"):
        read_photo(tmp_path / "x.jpg")


def test_a_truncated_photo_is_not_half_read(tmp_path):
    path = save_image(tmp_path / "x.jpg", size=(200, 200))
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(UnreadablePhotoError, match="ends too early"):
        read_photo(path)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(20_000, 20_000), (11_000, 10_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path, size):
    image = Image.new("1", size)
    image.save(tmp_path / "bomb.png")
    with pytest.raises(UnreadablePhotoError) as told:
        read_photo(tmp_path / "bomb.png")
    assert told.value.kind == "too large"


def test_the_smallest_photo_is_a_photo(tmp_path):
    rgb = decode_square(read_bytes(save_image(tmp_path / "dot.png", size=(1, 1))), 32)
    assert rgb.shape == (32, 32, 3) and (rgb == (200, 50, 50)).all()


def three_bands(width, height):
    rgb = np.zeros((height, width, 3), np.uint8)
    for band, color in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
        rgb[band * height // 3 : (band + 1) * height // 3] = color
    return Image.fromarray(rgb)


@pytest.mark.parametrize(
    ("crop", "top", "bottom"),
    [("squash", "red", "blue"), ("center", "green", "green"), ("upper", "red", "green")],
)
def test_a_portrait_is_squashed_or_cropped(crop, top, bottom):
    small = crop_and_resize(three_bands(30, 90), 30, crop)
    named = {(255, 0, 0): "red", (0, 255, 0): "green", (0, 0, 255): "blue"}
    assert named[small.getpixel((15, 2))] == top and named[small.getpixel((15, 27))] == bottom


def test_a_large_jpeg_may_be_decoded_small_and_looks_the_same():
    noise = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    large = Image.fromarray(noise).resize((1600, 1200), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    large.save(file, "JPEG", quality=95)
    reduced = decode_photo(file.getvalue(), shortest=256)
    assert reduced.width in range(256, 1600)
    difference = np.asarray(crop_and_resize(reduced, 128), int) - np.asarray(
        crop_and_resize(large, 128), int
    )
    assert np.abs(difference).mean() < 2


def exif_upright():
    exif = Image.Exif()
    exif[0x0112] = 1
    exif[0x010F] = "a camera"
    return exif


@pytest.mark.parametrize("size", [(178, 218), (1600, 1200), (90, 400)])
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("crop", ["squash", "upper"])
def test_what_a_jpeg_says_of_its_camera_changes_no_pixel(size, mode, crop):
    noise = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    image = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).convert(mode)
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    squares = []
    for options in ({}, {"exif": exif_upright()}, {"icc_profile": icc}, {"comment": b"a note"}):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=90, **options)
        squares.append(decode_square(file.getvalue(), 128, crop))
    file = io.BytesIO()
    # A JPEG with a preview behind it, as phones write it.
    image.save(file, "MPO", quality=90, save_all=True, append_images=[image])
    for square in [*squares[1:], decode_square(file.getvalue(), 128, crop)]:
        np.testing.assert_array_equal(square, squares[0])


def test_a_jpeg_and_the_same_pixels_without_loss_give_the_same_square():
    noise = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    image = Image.fromarray(noise).resize((178, 218), Image.Resampling.BICUBIC)
    jpeg, png = io.BytesIO(), io.BytesIO()
    image.save(jpeg, "JPEG")
    Image.open(jpeg).save(png, "PNG")
    squares = [decode_square(file.getvalue(), 128) for file in (jpeg, png)]
    np.testing.assert_array_equal(*squares)


def test_a_square_is_antialiased():
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[::2] = 255
    file = io.BytesIO()
    Image.fromarray(stripes).save(file, "PNG")
    assert np.abs(decode_square(file.getvalue(), 128)[8:-8].astype(int) - 127.5).max() < 2


def test_what_is_no_photo_format_is_refused_whatever_its_name(tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")
    with pytest.raises(UnreadablePhotoError, match="not one of JPEG, PNG"):
        read_photo(tmp_path / "x.jpg")


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_white_of_packed_bits_is_white(bits):
    photo = decode_photo(packed_tiff(np.full((4, 6, 1), 2**bits - 1), bits))
    assert photo.size == (6, 4) and (np.asarray(photo) == 255).all()


def test_a_thumbnail_is_not_taken_for_the_scan():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(np.zeros((5, 5, 3), np.uint8), photometric="rgb", subfiletype=1)
        writer.write(np.full((40, 40, 3), 65535, np.uint16), photometric="rgb", subfiletype=0)
    photo = decode_photo(file.getvalue())
    assert photo.size == (40, 40) and (np.asarray(photo) == 255).all()


def test_a_file_that_holds_only_a_thumbnail_is_told():
    data = tiff(np.zeros((5, 5, 3), np.uint8), photometric="rgb", subfiletype=1)
    with pytest.raises(UnreadablePhotoError, match="only a thumbnail"):
        decode_photo(data)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA"])
def test_a_linear_profile_is_applied_whatever_its_name(mode):
    image = Image.new("RGB", (8, 8), (55, 55, 55)).convert(mode)
    data = content(image, icc_profile=gamma_profile(1.0, description="GIMP built-in Linear sRGB"))
    lightness = photo_lightness(np.asarray(decode_photo(data)))
    np.testing.assert_allclose(lightness, 53.5, atol=0.3)


def test_a_profile_of_16_bit_gray_is_applied():
    pixels = np.full((8, 8), 32768, np.uint16)
    data = tiff(pixels, photometric="minisblack", iccprofile=gamma_profile(1.0, gray=True))
    lightness = photo_lightness(np.asarray(decode_photo(data)))
    np.testing.assert_allclose(lightness, 76.1, atol=0.3)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("exif", [b"Exif\0\0no TIFF at all", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_damaged_exif_does_not_cost_the_photo(exif):
    data = content(Image.new("RGB", (8, 8), "gray"), "JPEG", exif=exif)
    assert decode_photo(data).size == (8, 8)


@pytest.mark.parametrize(
    ("package", "form", "expected"),
    [("pillow_heif", "HEIF", (4, 6)), ("pillow_jxl", "JXL", (6, 4))],
)
def test_optional_formats_are_read_where_their_package_is_there(package, form, expected):
    pytest.importorskip(package)
    exif = Image.Exif()
    exif[0x0112] = 6  # that of a JPEG XL is overruled by its codestream
    data = content(Image.new("RGB", (6, 4), "gray"), form, exif=exif.tobytes())
    assert decode_photo(data).size == expected
