"""Reading a photo for colorizing: its pixels at their own depth, and what its file says about it.

Unlike `data.image_io`, which makes every photo 8-bit RGB, this keeps 16 bits, transparency and
metadata. Orientation is applied to the pixels and gone from the metadata.
"""

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from colorization.data.image_io import MAX_PIXELS, ORIENTATION
from deepcolor.colorize.profiles import gray_from_profile, is_srgb, to_srgb
from deepcolor.colorize.provenance import without_orientation
from deepcolor.colorize.sixteen_bits import is_deep, read_deep


@dataclass(frozen=True)
class Picture:
    """A photo as it is colorized.

    Attributes:
        pixels: `(H, W)` gray or `(H, W, 3)` sRGB, uint8 or uint16, upright.
        alpha: `(H, W)` of the same dtype, or None if it is opaque.
        format: Pillow's name of the file's format.
        exif: Its EXIF, without an orientation.
        xmp: Its XMP packet, without an orientation; empty if there is none.
        texts: Of a PNG, by keyword.
        dpi: Horizontal and vertical resolution, or None.
        profiled: Whether the file had a color profile.
        lossless: Whether it is a WebP without loss.
        notes: What the user should know, in full sentences without a full stop.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None
    format: str
    exif: Image.Exif
    xmp: bytes
    texts: dict[str, str]
    dpi: tuple[float, float] | None
    profiled: bool
    lossless: bool
    notes: tuple[str, ...]

    @property
    def dtype(self) -> type[np.unsignedinteger]:
        """np.uint8 or np.uint16."""
        return np.uint16 if self.pixels.dtype == np.uint16 else np.uint8


class UnreadablePictureError(ValueError):
    """A file that cannot be read as a photo; its message says why."""


def read_picture(data: bytes) -> Picture:
    """Decode a photo.

    Args:
        data: Content of a file.

    Returns:
        The photo; of an animation or of several pages the first.

    Raises:
        UnreadablePictureError: If it is empty, damaged, no image, or over 100 megapixels.
    """
    if not data:
        raise UnreadablePictureError("the file is empty")
    try:
        with warnings.catch_warnings():
            # Our own limit is stricter than where Pillow stops warning and refuses.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                return _picture(image, data)
    except UnreadablePictureError:
        raise
    except UnidentifiedImageError as error:
        raise UnreadablePictureError("this is no image of a known format") from error
    except Exception as error:  # Pillow raises a dozen types for a broken file
        raise UnreadablePictureError(f"the image cannot be read: {error}") from error


def _picture(image: Image.Image, data: bytes) -> Picture:
    if image.width * image.height > MAX_PIXELS:
        raise UnreadablePictureError(f"{image.width}x{image.height} is over 100 megapixels")
    notes = []
    if (frames := getattr(image, "n_frames", 1)) > 1:
        notes.append(f"only the first of {frames} frames is colorized")
    pixels, alpha, problems = _pixels(image, data)
    exif = image.getexif()
    turn = TURNS.get(exif.get(ORIENTATION, 1), lambda array: array)
    texts = {str(key): str(text) for key, text in getattr(image, "text", {}).items()}
    return Picture(
        pixels=np.ascontiguousarray(turn(pixels)),
        alpha=None if alpha is None else np.ascontiguousarray(turn(alpha)),
        format=image.format or "PNG",
        exif=exif,
        xmp=without_orientation(_xmp(image)),
        texts=texts,
        dpi=_dpi(image),
        profiled="icc_profile" in image.info,
        lossless=b"VP8L" in data[:64],
        notes=(*notes, *problems),
    )


# What EXIF's orientations ask for, on `(H, W, ...)` arrays.
TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: np.fliplr,
    3: lambda array: array[::-1, ::-1],
    4: np.flipud,
    5: lambda array: array.swapaxes(0, 1),
    6: lambda array: np.rot90(array, -1),
    7: lambda array: array[::-1, ::-1].swapaxes(0, 1),
    8: np.rot90,
}


def _pixels(image: Image.Image, data: bytes) -> tuple[np.ndarray, np.ndarray | None, list[str]]:
    profile = image.info.get("icc_profile")
    if image.mode in ("I", "F") or image.mode.startswith("I;16") or is_deep(image):
        deep = _deep(image, data)
        alpha = deep[..., 3] if deep.shape[2:] == (4,) else None
        pixels, problems = _deep_as_srgb(deep[..., :3] if deep.ndim == 3 else deep, profile)
        return pixels, alpha, problems
    opaque, alpha = _without_alpha(image)
    if opaque.mode not in ("L", "RGB", "CMYK"):
        opaque = opaque.convert("L" if opaque.mode == "1" else "RGB")
    converted, problems = _as_srgb(opaque, profile)
    return np.asarray(converted), alpha, problems


def _without_alpha(image: Image.Image) -> tuple[Image.Image, np.ndarray | None]:
    if not image.has_transparency_data:
        return image, None
    gray = image.mode in ("1", "L", "LA", "La")
    both = image.convert("LA" if gray else "RGBA")
    alpha = np.asarray(both.getchannel("A"))
    return both.convert("L" if gray else "RGB"), None if (alpha == 255).all() else alpha


def _as_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, list[str]]:
    # Mode "L" without a profile stays "L": a single look-up gives its lightness.
    plain = image.convert("RGB") if image.mode == "CMYK" else image
    if not profile or (image.mode != "CMYK" and is_srgb(profile)):
        return plain, []
    converted = to_srgb(image, profile)
    if converted is None:
        return plain, ["its color profile is damaged or not for such an image, and is ignored"]
    return converted.getchannel(0) if image.mode == "L" else converted, []


def _deep(image: Image.Image, data: bytes) -> np.ndarray:
    if is_deep(image):
        return read_deep(image, data)
    values = np.asarray(image)
    if image.mode == "F":
        values = np.rint(values * 65535.0)
    if not (values.min() >= 0 and values.max() <= 65535):
        unit = "[0, 1]" if image.mode == "F" else "16 bits"
        raise UnreadablePictureError(f"its {image.mode}-type pixels do not lie within {unit}")
    values = values.astype(np.uint16)
    white_is_zero = image.format == "TIFF" and image.tag_v2.get(262) == 0  # type: ignore[attr-defined]
    return 65535 - values if white_is_zero else values


def _deep_as_srgb(pixels: np.ndarray, profile: bytes | None) -> tuple[np.ndarray, list[str]]:
    if not profile or is_srgb(profile):
        return pixels, []
    gray = gray_from_profile(pixels, profile)
    if gray is not None:
        return gray, []
    image = Image.fromarray((pixels // 257).astype(np.uint8))
    converted, problems = _as_srgb(image, profile)
    return np.asarray(converted), problems or ["its color profile is known for 8 bits only"]


def _xmp(image: Image.Image) -> bytes:
    found = image.info.get("xmp") or getattr(image, "tag_v2", {}).get(700) or b""
    return found.encode() if isinstance(found, str) else bytes(found)


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    dpi = image.info.get("dpi")
    sound = dpi and all(np.isfinite(float(value)) and 0 < float(value) < 1e5 for value in dpi)
    return (float(dpi[0]), float(dpi[1])) if dpi and sound else None
