"""Color profiles (ICC): photos are converted to sRGB, and results carry an sRGB profile.

LittleCMS converts the colors, through Pillow at 8 bits per channel and through libvips at 16, which
Pillow does not support.
"""

import functools
import io

import numpy as np
import pyvips
from PIL import Image, ImageCms


class ColorProfileError(ValueError):
    """A color profile that is damaged, or that is not for this kind of image."""


@functools.cache
def srgb_profile() -> bytes:
    """Return an sRGB profile to embed in a file."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def convert_image(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert a photo of mode "L", "RGB" or "CMYK" to sRGB: "L" if it is, else "RGB".

    Raises:
        ColorProfileError: If the profile cannot be applied to this image.
    """
    transform = _transform(profile, image.mode)
    if _is_identity(transform):
        return image
    converted = transform.apply(image.convert(transform.input_mode))
    return converted.getchannel("G") if image.mode == "L" else converted


def convert_16_bits(pixels: np.ndarray, profile: bytes) -> np.ndarray:
    """Convert `(H, W)` gray or `(H, W, 3)` RGB, uint16, to sRGB of the same shape and dtype.

    Raises:
        ColorProfileError: If the profile cannot be applied to this photo.
    """
    gray = pixels.ndim == 2
    transform = _transform(profile, "L" if gray else "RGB")
    if _is_identity(transform):
        return pixels
    if gray and transform.input_mode == "RGB":
        pixels = np.stack([pixels] * 3, axis=-1)
    image = pyvips.Image.new_from_array(pixels)
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    converted = image.icc_transform("srgb", embedded=True, depth=16, intent="perceptual")
    result: np.ndarray = (converted[1] if gray else converted).numpy()
    return result


def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        # Some programs give gray photos the RGB profile of their working space.
        if mode == "L" and source.profile.xcolor_space.strip() == "RGB":
            mode = "RGB"
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError) as error:
        raise ColorProfileError(f"the color profile does not fit an image of {mode}") from error


def _is_identity(transform: ImageCms.ImageCmsTransform) -> bool:
    # Not by the description: the curve of "Linear sRGB" is another one.
    if transform.input_mode == "CMYK":
        return False
    probe = _probe() if transform.input_mode == "RGB" else _probe().getchannel("G")
    difference = np.asarray(transform.apply(probe), np.int16) - np.asarray(probe.convert("RGB"))
    return bool(np.abs(difference).max() <= 1)


@functools.cache
def _probe() -> Image.Image:
    """Return an image of all grays and of a grid of colors."""
    grays = np.repeat(np.arange(256), 3).reshape(-1, 3)
    grid = np.stack(np.meshgrid(*[np.arange(0, 256, 17)] * 3), axis=-1).reshape(-1, 3)
    return Image.fromarray(np.concatenate([grays, grid])[None].astype(np.uint8))
