import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.PngImagePlugin import PngInfo

from deepcolor.colorize.encode import encode_photo, save_photo, write_atomically
from deepcolor.colorize.photo_file import read_photo_file
from deepcolor.colorize.provenance import is_tagged, tag_exif

FORMS = ["JPEG", "PNG", "WEBP", "TIFF"]
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"><tiff:Make>Zeiss</tiff:Make>'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)
RESULT = np.random.default_rng(0).integers(0, 256, (12, 20, 3), np.uint8)


def photo(form="JPEG", mode="L", **options):
    """A photo with all kinds of metadata."""
    exif = Image.Exif()
    exif[Base.ImageDescription] = "Été 1932".encode()
    exif[Base.Orientation] = 1
    exif[Base.Software] = "scanner"
    exif[Base.StripOffsets] = 77
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "1932:07:14 10:00:00"
    exif.get_ifd(IFD.Exif)[Base.MakerNote] = b"secret"
    exif.get_ifd(IFD.GPSInfo)[1] = "N"
    file = io.BytesIO()
    Image.new(mode, (20, 12), 128).save(file, form, exif=exif, dpi=(600, 600), xmp=XMP, **options)
    return read_photo_file(file.getvalue())


def encode(result, photo, form):
    data, warnings = encode_photo(result, photo, form)
    assert not warnings
    return data


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_result_keeps_its_metadata_and_the_tags_of_its_provenance(form, dtype):
    image = opened(encode(RESULT.astype(dtype), photo(), form))
    exif = image.getexif()
    assert exif[Base.Software].startswith("Deep Colorization ")
    description = exif[Base.ImageDescription].encode("latin-1").decode()
    assert description.startswith("Été 1932 [Colorized by Deep Colorization")
    assert exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] == "1932:07:14 10:00:00"
    assert exif.get_ifd(IFD.GPSInfo)[1] == "N"
    assert Base.Orientation not in exif and Base.MakerNote not in exif.get_ifd(IFD.Exif)
    assert is_tagged(exif)


@pytest.mark.parametrize("layout", ['{"shape": [3, 12, 20]}', "ImageJ=1.54f\nimages=1", "<?xml ?>"])
def test_a_description_of_how_the_photo_was_stored_is_not_kept(layout):
    exif = Image.Exif()
    exif[Base.ImageDescription] = layout
    assert tag_exif(exif)[Base.ImageDescription].startswith("Colorized by")


@pytest.mark.parametrize("form", FORMS)
def test_xmp_is_kept_without_orientation_and_names_the_kind_of_source(form):
    image = opened(encode(RESULT, photo(), form))
    xmp = read_photo_file(encode(RESULT, photo(), form)).xmp
    assert image.format == form
    assert b"<tiff:Make>Zeiss</tiff:Make>" in xmp and b"Orientation" not in xmp
    assert xmp.count(b"digitalsourcetype/algorithmicallyEnhanced") == 1


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_the_resolution_is_kept(form):
    image = opened(encode(RESULT, photo(), form))
    assert [float(value) for value in image.info["dpi"]] == pytest.approx([600, 600], abs=0.1)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("profiled", [False, True])
def test_a_result_is_srgb_and_says_so_if_its_photo_had_a_profile(form, profiled):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = photo(mode="RGB", icc_profile=profile) if profiled else photo()
    image = opened(encode(RESULT, source, form))
    assert ("icc_profile" in image.info) == profiled
    if profiled:
        found = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        assert "sRGB" in ImageCms.getProfileDescription(found)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("transparent", [False, True])
def test_pixels_of_every_depth_come_back(form, dtype, transparent):
    top = np.iinfo(dtype).max
    random = np.random.default_rng(1)
    result = random.integers(0, top + 1, (700, 900, 3)).astype(dtype)
    alpha = random.integers(0, top + 1, (700, 900)).astype(dtype) if transparent else None
    source = photo("PNG")
    source = replace(source, alpha=alpha)
    found = read_photo_file(encode(result, source, form))
    np.testing.assert_array_equal(found.pixels, result)
    if transparent:
        np.testing.assert_array_equal(found.alpha, alpha)


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_formats_of_8_bits_round_16_to_them(form):
    deep = np.full((8, 8, 3), 32896 + 100, np.uint16)
    assert abs(int(np.asarray(opened(encode(deep, photo(), form)))[4, 4, 0]) - 128) <= 2


def test_a_jpeg_lays_transparency_on_white():
    source = photo("PNG", "LA")
    assert source.alpha is not None
    source = replace(source, alpha=np.zeros((12, 20), np.uint8))
    assert np.asarray(opened(encode(RESULT, source, "JPEG"))).min() > 250


def test_a_webp_without_loss_stays_without_loss():
    source = photo("WEBP", "RGB", lossless=True)
    np.testing.assert_array_equal(read_photo_file(encode(RESULT, source, "WEBP")).pixels, RESULT)


def test_metadata_that_a_format_cannot_hold_are_left_out_with_a_warning():
    long = XMP.replace(b"Zeiss", b"Zeiss" + b" " * 70_000)
    data, warnings = encode_photo(RESULT, replace(photo(), xmp=long), "JPEG")
    assert warnings == ["its XMP cannot be written to a JPEG file"]
    assert opened(data).getexif().get_ifd(IFD.Exif)[Base.DateTimeOriginal].startswith("1932")
    exif = Image.Exif()
    exif[Base.XPComment] = b"x\0" * 40_000
    data, warnings = encode_photo(RESULT, replace(photo(), exif=exif), "JPEG")
    assert warnings == ["its EXIF cannot be written to a JPEG file"]
    assert is_tagged(opened(data).getexif()) and b"Zeiss" in read_photo_file(data).xmp


CAPTION = b"\x1c\x02\x78\0\x13Grandmother in 1932"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_captions_of_iptc_are_kept(form, dtype):
    data = encode(RESULT.astype(dtype), replace(photo(), iptc=CAPTION), form)
    found = read_photo_file(data)
    assert found.iptc == CAPTION and found.pixels.shape == RESULT.shape and not found.notes


def test_captions_of_a_webp_are_told_to_be_lost():
    _, warnings = encode_photo(RESULT, replace(photo(), iptc=CAPTION), "WEBP")
    assert warnings == ["its IPTC cannot be written to a WEBP file"]


def test_captions_longer_than_a_segment_are_told_to_be_lost():
    data, warnings = encode_photo(RESULT, replace(photo(), iptc=bytes(70_000)), "JPEG")
    assert warnings == ["its IPTC cannot be written to a JPEG file"]
    assert is_tagged(opened(data).getexif())


def test_the_comment_of_a_jpeg_is_kept():
    source = photo(comment=b"scanned by A")
    assert opened(encode(RESULT, source, "JPEG")).info["comment"] == b"scanned by A"
    text = opened(encode(RESULT, source, "PNG")).text["Comment"]
    assert text.startswith("scanned by A [Colorized by")
    assert encode_photo(RESULT, source, "TIFF")[1] == [
        "its comment cannot be written to a TIFF file"
    ]


@pytest.mark.parametrize(("form", "side"), [("JPEG", 65_501), ("WEBP", 16_384)])
def test_a_side_that_is_too_long_for_a_format_is_told_with_what_to_do(form, side):
    result = np.zeros((1, side, 3), np.uint8)
    with pytest.raises(ValueError, match=rf"at most .* this result has {side:,}: name a .*\.png"):
        encode_photo(result, photo(), form)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_texts_of_a_png_are_kept(dtype):
    info = PngInfo()
    info.add_text("Title", "Grand-mère")
    image = opened(encode(RESULT.astype(dtype), photo("PNG", pnginfo=info), "PNG"))
    assert image.text["Title"] == "Grand-mère"
    assert image.text["Software"].startswith("Deep Colorization")
    assert image.text["Comment"].startswith("Colorized by")


def test_a_photo_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(ValueError, match="unknown file extension"):
        save_photo(RESULT, tmp_path / "x.unknown")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        write_atomically(b"data", tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
