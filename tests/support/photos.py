"""Files of photos that Pillow does not write, and color profiles."""

import io
import struct
import zlib

import numpy as np
import tifffile
from PIL import Image, ImageCms


def content(image: Image.Image, form: str = "PNG", **options) -> bytes:
    """Return an image as the content of a file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def tiff(pixels: np.ndarray, **options) -> bytes:
    """Return pixels as the content of a TIFF; the options are those of tifffile."""
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()


def packed_tiff(
    pixels: np.ndarray, bits: int, order: str = "<", deflate: bool = False, photometric: int = 1
) -> bytes:
    """Return a TIFF of `(H, W, C)` samples of any bit depth, without gaps within a row."""
    height, width, channels = pixels.shape
    data = b"".join(_pack_row(row, bits) for row in pixels.reshape(height, -1))
    data = zlib.compress(data) if deflate else data
    depths = struct.pack(f"{order}{channels}H", *[bits] * channels) if channels > 2 else b""
    tags = [(256, 3, 1, width), (257, 3, 1, height), (258, 3, channels, bits)]
    tags += [(259, 3, 1, 8 if deflate else 1), (262, 3, 1, photometric), (273, 4, 1, 0)]
    tags += [(277, 3, 1, channels), (278, 3, 1, height), (279, 4, 1, len(data))]
    end = 8 + 2 + 12 * len(tags) + 4
    entries = b""
    for tag, kind, count, number in tags:
        value = {258: end if depths else bits, 273: end + len(depths)}.get(tag, number)
        short = kind == 3 and count < 3
        body = struct.pack(f"{order}{'HH' if short else 'I'}", *[value] * (1 + short))
        entries += struct.pack(order + "HHI", tag, kind, count) + body
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(tags))
    return head + entries + bytes(4) + depths + data


def _pack_row(row: np.ndarray, bits: int) -> bytes:
    text = "".join(f"{value:0{bits}b}" for value in row.tolist())
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def gamma_profile(gamma, gray=False, description="gamma"):
    """An ICC profile: sRGB's primaries, or gray, with a power for its curve."""
    curve = struct.pack(">4sIIH2x", b"curv", 0, 1, round(gamma * 256))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = struct.unpack_from(">I", srgb, 128)[0]
    entries = [struct.unpack_from(">4sII", srgb, 132 + 12 * i) for i in range(count)]
    tags = {name: srgb[at : at + size] for name, at, size in entries}
    name = description.encode("utf-16-be")
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
