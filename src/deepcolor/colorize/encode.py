"""Writing a result in the format that its name asks for, with what its photo's file said."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from deepcolor.colorize import profiles, sixteen_bits, tiffs
from deepcolor.colorize.pictures import Picture
from deepcolor.colorize.plan import FORMATS
from deepcolor.colorize.provenance import tag_exif, tag_png_texts, tag_xmp

QUALITY = 95  # of JPEG and WebP
COMPRESSION = 4  # of PNG: in less than half of the time of 6, the default, and a percent larger


def encode_photo(result: np.ndarray, picture: Picture, form: str) -> bytes:
    """Encode a result with its photo's metadata and the label.

    Args:
        result: `(H, W, 3)` sRGB, uint8 or uint16.
        picture: The photo. Its transparency is kept if the result has its size.
        form: "JPEG", "PNG", "WEBP" or "TIFF". Only PNG and TIFF keep 16 bits, and JPEG lays
            transparency on white.

    Returns:
        Content of the file.
    """
    if result.dtype == np.uint16 and form not in ("PNG", "TIFF"):
        result = _to_8_bits(result)
    if picture.alpha is not None and picture.alpha.shape == result.shape[:2]:
        result = _with_alpha(result, picture.alpha, form)
    exif, xmp = tag_exif(picture.exif), tag_xmp(picture.xmp)
    # The pixels are sRGB now, whatever profile the file had.
    icc = profiles.srgb_profile() if picture.profiled else None
    if form == "TIFF":
        return tiffs.tiff_of(result, exif, xmp, icc, picture.dpi)
    if form == "PNG" and result.dtype == np.uint16:
        texts = tag_png_texts(picture.texts, xmp)
        return sixteen_bits.png_of(result, texts, exif.tobytes()[6:], icc, picture.dpi)
    options: dict[str, Any] = {"exif": exif, "icc_profile": icc}
    if picture.dpi:
        options["dpi"] = picture.dpi
    if form == "PNG":
        options |= {"pnginfo": tag_png_texts(picture.texts, xmp), "compress_level": COMPRESSION}
    else:
        options |= {"xmp": xmp, "quality": QUALITY}
    if form == "JPEG":
        # Halved chroma would bleed, and what it saves here is little.
        options["subsampling"] = "4:4:4"
    if form == "WEBP":
        options["lossless"] = picture.lossless
    file = io.BytesIO()
    Image.fromarray(result).save(file, form, **options)
    return file.getvalue()


def _to_8_bits(image: np.ndarray) -> np.ndarray:
    return ((image.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _with_alpha(result: np.ndarray, alpha: np.ndarray, form: str) -> np.ndarray:
    if alpha.dtype != result.dtype:
        alpha = _to_8_bits(alpha)
    if form != "JPEG":
        return np.concatenate([result, alpha[..., None]], axis=-1)
    share = alpha[..., None].astype(np.float32) / 255
    return np.rint(result * share + 255 * (1 - share)).astype(np.uint8)


def save_photo(image: np.ndarray, target: Path) -> None:
    """Write a picture without metadata, whole or not at all; the suffix decides the format.

    Args:
        image: `(H, W, 3)` uint8 sRGB.
        target: File to write; its folder is created if needed.

    Raises:
        ValueError: If the suffix is not one of `FORMATS`.
    """
    form = FORMATS.get(target.suffix.lower())
    if form is None:
        raise ValueError(f"unknown file extension {target.suffix!r}: use {', '.join(FORMATS)}")
    file = io.BytesIO()
    Image.fromarray(image).save(file, form, quality=QUALITY)
    write_atomically(file.getvalue(), target)


def write_atomically(data: bytes, target: Path) -> None:
    """Write a file, whole or not at all.

    Args:
        data: Its content.
        target: Its path; the folder is created if needed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
