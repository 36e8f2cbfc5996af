"""Color profiles: a photo's pixels become sRGB, and a result says that it is.

Pillow converts 8-bit pixels only. Of 16-bit ones just the lightness is needed, so the curves and
the luminances of the profile's primaries are enough, and the depth is kept.
"""

import functools
import io
import struct

import numpy as np
from PIL import Image, ImageCms


def is_srgb(profile: bytes) -> bool:
    """Return whether a profile is sRGB by its own description."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return "sRGB" in ImageCms.getProfileDescription(opened)
    except (ImageCms.PyCMSError, OSError):
        return False


@functools.cache
def srgb_profile() -> bytes:
    """Return a profile of sRGB to put into a file."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Convert a photo of 8 bits.

    Args:
        image: Mode "L", "RGB" or "CMYK".
        profile: Its profile.

    Returns:
        Mode "RGB", or None if the profile is broken or is not one for this mode.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return None


def gray_from_profile(pixels: np.ndarray, profile: bytes) -> np.ndarray | None:
    """Convert a photo of 16 bits to the gray of the same lightness.

    Args:
        pixels: `(H, W)` or `(H, W, 3)` uint16.
        profile: Its profile.

    Returns:
        `(H, W)` uint16, encoded as sRGB; None if the profile is not one of curves, or not for
        this many channels.
    """
    colors = pixels.ndim == 3
    names = [b"rTRC", b"gTRC", b"bTRC"] if colors else [b"kTRC"]
    try:
        tags = _tags(profile)
        curves = [_curve(tags[name]) for name in names]
        shares = [_luminance(tags[n[:1] + b"XYZ"]) for n in names] if colors else [1.0]
    except (KeyError, ValueError, struct.error):
        return None
    tables = [
        (share * curve).astype(np.float32) for share, curve in zip(shares, curves, strict=True)
    ]
    luminance = tables[0][pixels[..., 0] if colors else pixels]
    for channel in range(1, len(tables)):
        luminance += tables[channel][pixels[..., channel]]
    return _encoded(luminance)


def _encoded(luminance: np.ndarray) -> np.ndarray:
    y = luminance.clip(0, 1)
    curve = np.where(y > 0.0031308, 1.055 * y ** np.float32(1 / 2.4) - 0.055, 12.92 * y)
    codes: np.ndarray = np.rint(curve * 65535).astype(np.uint16)
    return codes


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = [struct.unpack_from(">4sII", profile, 132 + 12 * i) for i in range(min(count, 100))]
    return {name: profile[offset : offset + size] for name, offset, size in entries}


def _luminance(tag: bytes) -> float:
    y: int = struct.unpack_from(">i", tag, 12)[0]
    return y / 65536


def _curve(tag: bytes) -> np.ndarray:
    # ICC.1:2022, 10.6 and 10.18: linear light for each of the 65,536 codes.
    x = np.linspace(0, 1, 65536)
    kind, _, count = struct.unpack_from(">4sII", tag)
    if kind == b"para":
        return _parametric(x, count >> 16, tag)
    if kind != b"curv":
        raise ValueError(f"not a curve: {kind!r}")
    points = np.frombuffer(tag, ">u2", count, 12).astype(np.float64)
    if count < 2:
        return np.power(x, points[0] / 256 if count else 1.0)
    return np.interp(x, np.linspace(0, 1, count), points / 65535)


def _parametric(x: np.ndarray, function: int, tag: bytes) -> np.ndarray:
    if function > 4:
        raise ValueError(f"not a curve: function {function}")
    given = np.frombuffer(tag, ">i4", (1, 3, 4, 5, 7)[function], 12) / 65536
    g, a, b, c, d, e, f = np.append(given, [1, 1, 0, 0, 0, 0, 0][len(given) :]).tolist()
    power = np.maximum(a * x + b, 0) ** g
    curve = power + c if function < 3 else np.where(x >= d, power + e, c * x + f)
    return np.asarray(curve)
