"""Color profiles (ICC): photos are converted to sRGB by LittleCMS, through Pillow."""

import io
from functools import cache, lru_cache

import numpy as np
from PIL import Image, ImageCms


class ColorProfileError(ValueError):
    """A color profile that is damaged, or that is not for this kind of image."""


@cache
def srgb_profile() -> bytes:
    """Return an sRGB profile to embed in a file."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def convert_to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert a photo of mode "L", "RGB" or "CMYK" to sRGB: "L" if it is, else "RGB".

    Raises:
        ColorProfileError: If the profile cannot be applied to this image.
    """
    transform = srgb_transform(profile, image.mode)
    if transform is None:
        return image
    converted = transform.apply(image.convert(transform.input_mode))
    return converted.getchannel("G") if image.mode == "L" else converted


@lru_cache(maxsize=16)  # the photos of a camera or scanner share a profile
def srgb_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the transform from a profile to sRGB for images of a mode; None if it is sRGB itself.

    Raises:
        ColorProfileError: If the profile cannot be applied to such images.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        # Some programs give gray photos the RGB profile of their working space.
        if mode == "L" and source.profile.xcolor_space.strip() == "RGB":
            mode = "RGB"
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError) as error:
        raise ColorProfileError(f"the color profile does not fit an image of {mode}") from error
    return None if _is_identity(transform) else transform


def _is_identity(transform: ImageCms.ImageCmsTransform) -> bool:
    # Not by the description: the curve of "Linear sRGB" is another one.
    if transform.input_mode == "CMYK":
        return False
    probe = _probe() if transform.input_mode == "RGB" else _probe().getchannel("G")
    difference = np.asarray(transform.apply(probe), np.int16) - np.asarray(probe.convert("RGB"))
    return bool(np.abs(difference).max() <= 1)


@cache
def _probe() -> Image.Image:
    """Return an image of all grays and of a grid of colors."""
    grays = np.repeat(np.arange(256), 3).reshape(-1, 3)
    grid = np.stack(np.meshgrid(*[np.arange(0, 256, 17)] * 3), axis=-1).reshape(-1, 3)
    return Image.fromarray(np.concatenate([grays, grid])[None].astype(np.uint8))
