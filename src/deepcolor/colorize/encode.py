"""Writing a result in the format of its name, with the metadata of its photo."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyvips
from PIL import Image

from colorization.data.color_profile import srgb_profile
from colorization.files import atomic_path
from deepcolor.colorize.encode_tiff import TiffPage, join_pages, make_page
from deepcolor.colorize.find_photos import WRITABLE
from deepcolor.colorize.iptc import PNG_TEXT, add_to_jpeg, png_text
from deepcolor.colorize.photo_file import PhotoFile
from deepcolor.colorize.provenance import tag_exif, tag_png_texts, tag_xmp

QUALITY = 95  # of JPEG and WebP
MAX_SIDE = {"JPEG": 65_500, "WEBP": 16_383}  # pixels
COMPRESSION = 4  # of PNG: takes half of the time of 6, the default, and a percent more space
PNG_HEADER = 33  # bytes of a PNG's signature and IHDR chunk

T = TypeVar("T")

# What is left out, in turn, until the rest can be written.
REMOVALS: dict[str, dict[str, Any]] = {
    "its XMP": {"xmp": b""},
    "its EXIF": {"exif": Image.Exif()},
    "its IPTC": {"iptc": b""},
    "its comment": {"comment": b""},
    "its texts": {"texts": {}},
    "its resolution": {"dpi": None},
}
ALL = {name: value for removal in REMOVALS.values() for name, value in removal.items()}
# What a format has no place for.
UNKNOWN = {"TIFF": ("comment", "texts"), "WEBP": ("iptc", "comment", "texts"), "JPEG": ("texts",)}


def encode_photo(result: np.ndarray, photo: PhotoFile, form: str) -> tuple[bytes, list[str]]:
    """Encode a colorized photo with its metadata and the provenance tags.

    Args:
        result: `(H, W, 3)` sRGB, uint8 or uint16.
        photo: The photo. Its alpha is kept if `result` has its size.
        form: "JPEG", "PNG", "WEBP" or "TIFF". Only PNG and TIFF keep 16 bits.

    Returns:
        Content of the file, and warnings about metadata that the format cannot hold.

    Raises:
        ValueError: If the format cannot hold a photo of this size.
    """
    side = max(result.shape[:2])
    if side > MAX_SIDE.get(form, side):
        limit = f"a {form} has at most {MAX_SIDE[form]:,} pixels a side, this result has {side:,}"
        raise ValueError(f"{limit}: name a result that ends in .png or .tif")
    return _leave_out_what_fails(photo, form, lambda photo: _encode_photo(result, photo, form))


def make_tiff_page(result: np.ndarray, photo: PhotoFile) -> tuple[TiffPage, list[str]]:
    """Make a page of a TIFF; arguments and warnings are those of `encode_photo`."""
    return _leave_out_what_fails(photo, "TIFF", lambda photo: _make_tiff_page(result, photo))


def _leave_out_what_fails(
    photo: PhotoFile, form: str, encode: Callable[[PhotoFile], T]
) -> tuple[T, list[str]]:
    for removal in [{}, *REMOVALS.values(), ALL]:
        try:
            encoded = encode(replace(photo, **removal))
        except Exception as error:  # Pillow raises a dozen types for metadata that it cannot write
            failure = error
        else:
            return encoded, _left_out(photo, form, removal)
    raise failure


def _left_out(photo: PhotoFile, form: str, removal: dict[str, Any]) -> list[str]:
    removed = {*removal, *UNKNOWN.get(form, ())}
    return [
        f"{name} cannot be written to a {form} file"
        for name, fields in REMOVALS.items()
        if removed.issuperset(fields) and any(getattr(photo, field) for field in fields)
    ]


def _encode_photo(result: np.ndarray, photo: PhotoFile, form: str) -> bytes:
    if form == "TIFF":
        return join_pages([_make_tiff_page(result, photo)])
    pixels, metadata = _fit_format(result, photo.alpha, form), _metadata(photo)
    if form == "PNG":
        texts = photo.texts | ({PNG_TEXT: png_text(photo.iptc)} if photo.iptc else {})
        metadata["pnginfo"] = tag_png_texts(texts, metadata.pop("xmp"), photo.comment)
        return _encode_png(pixels, metadata)
    if form == "WEBP":
        return _encode(pixels, form, quality=QUALITY, lossless=photo.lossless, **metadata)
    if photo.comment:
        metadata["comment"] = photo.comment
    # Halved chroma would bleed, and would save little here.
    jpeg = _encode(pixels, form, quality=QUALITY, subsampling="4:4:4", **metadata)
    return add_to_jpeg(jpeg, photo.iptc) if photo.iptc else jpeg


def _make_tiff_page(result: np.ndarray, photo: PhotoFile) -> TiffPage:
    pixels = _fit_format(result, photo.alpha, "TIFF")
    return make_page(pixels, iptc=photo.iptc, **_metadata(photo))


def _metadata(photo: PhotoFile) -> dict[str, Any]:
    metadata: dict[str, Any] = {"exif": tag_exif(photo.exif), "xmp": tag_xmp(photo.xmp)}
    # The pixels are sRGB now, whatever profile the file had.
    metadata["icc_profile"] = srgb_profile() if photo.has_profile else None
    if photo.dpi:
        metadata["dpi"] = photo.dpi
    return metadata


def _fit_format(result: np.ndarray, alpha: np.ndarray | None, form: str) -> np.ndarray:
    if form not in ("PNG", "TIFF"):
        result = _to_8_bits(result)
    if alpha is None or alpha.shape != result.shape[:2]:
        return result
    if alpha.dtype != result.dtype:
        alpha = _to_8_bits(alpha)
    if form != "JPEG":
        return np.concatenate([result, alpha[..., None]], axis=-1)
    opacity = alpha[..., None].astype(np.float32) / 255
    return np.rint(result * opacity + 255 * (1 - opacity)).astype(np.uint8)


def _to_8_bits(image: np.ndarray) -> np.ndarray:
    if image.dtype == np.uint8:
        return image
    return ((image.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _encode(pixels: np.ndarray, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def _encode_png(pixels: np.ndarray, metadata: dict[str, Any]) -> bytes:
    if pixels.dtype == np.uint8:
        return _encode(pixels, "PNG", compress_level=COMPRESSION, **metadata)
    # Pillow writes no color of 16 bits: libvips writes the pixels, Pillow the metadata.
    image = pyvips.Image.new_from_array(pixels, interpretation="rgb16")
    deep = memoryview(image.pngsave_buffer(compression=COMPRESSION, filter="up", keep="none"))
    other = _encode(np.zeros((1, 1, 3), np.uint8), "PNG", **metadata)
    chunks = other[PNG_HEADER : other.rindex(b"IDAT") - 4]
    return b"".join([deep[:PNG_HEADER], chunks, deep[bytes(deep[:256]).index(b"IDAT") - 4 :]])


def save_photo(image: np.ndarray, target: Path) -> None:
    """Write `(H, W, 3)` uint8 sRGB without metadata; the suffix decides the format.

    Raises:
        ValueError: If the suffix is not one of `WRITABLE`.
    """
    form = WRITABLE.get(target.suffix.lower())
    if form is None:
        raise ValueError(f"unknown file extension {target.suffix!r}: use {', '.join(WRITABLE)}")
    write_atomically(_encode(image, form, quality=QUALITY), target)


def write_atomically(data: bytes, target: Path, overwrite: bool = True) -> None:
    """Write a file, whole or not at all; its folder is created if needed.

    Raises:
        FileExistsError: If there is such a file already, and `overwrite` is not set.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(target, overwrite) as part:
        part.write_bytes(data)
