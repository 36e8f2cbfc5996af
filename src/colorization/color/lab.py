"""CIELab images: the 8-bit codes of records, and the pair (x, y) of the assignment.

Everywhere in this project L is in [0, 100], a and b are in [-128, 128], and RGB is sRGB under D65.
"""

from typing import Any

import numpy as np
from keras import ops
from skimage.color import lab2rgb

LIGHTNESS_RANGE = (0.0, 100.0)
CHROMA_RANGE = (-128.0, 128.0)

# 8-bit Lab, as in OpenCV and TIFF readers: code = L * 255 / 100, a + 128, b + 128.
CODE_SCALE = np.array([100 / 255, 1, 1], np.float32)
CODE_OFFSET = np.array([0, -128, -128], np.float32)

# Gray to Zhang et al. 2016: neither |a| nor |b| of any pixel is larger.
GRAY_THRESHOLD = 5.0


def decode_lab(codes: Any) -> Any:
    """Convert 8-bit Lab codes, cast to float32, to `(..., 3)` Lab. Safe inside `Dataset.map`."""
    return codes * CODE_SCALE + CODE_OFFSET


def split_lab(lab: Any) -> tuple[Any, Any]:
    """Split `(..., 3)` Lab into x `(..., 1)` and y `(..., 2)`. Safe inside `Dataset.map`."""
    return lab[..., :1], lab[..., 1:]


def reconstituer_image(x: Any, y: Any) -> np.ndarray:
    """Convert a pair (x, y) of the assignment back to an RGB image. Eager only.

    Args:
        x: Lightness, `(H, W, 1)` or `(batch, H, W, 1)` floating point in [0, 100].
        y: Chroma, `(H, W, 2)` or `(batch, H, W, 2)` floating point in [-128, 128].

    Returns:
        `(H, W, 3)` or `(batch, H, W, 3)` float32 sRGB in [0, 1].

    Example:
        `plt.imshow(reconstituer_image(x[0], y[0]))`
    """
    x = _checked("x", x, channels=1, bounds=LIGHTNESS_RANGE)
    y = _checked("y", y, channels=2, bounds=CHROMA_RANGE)
    if x.shape[:-1] != y.shape[:-1]:
        raise ValueError(
            "`x` and `y` must agree in all but the last dimension, "
            f"received shapes {x.shape} and {y.shape}"
        )
    lab = np.concatenate([x, y], axis=-1)
    single = lab.ndim == 3
    images = np.expand_dims(lab, 0) if single else lab
    rgb = np.stack([_to_rgb(image) for image in images]) if len(images) else images
    return rgb[0] if single else rgb


def _to_rgb(lab: np.ndarray) -> np.ndarray:
    # A network's chroma often leaves the sRGB gamut: skimage's warning would be noise.
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Conversion from CIE-LAB")
        return lab2rgb(lab).astype(np.float32)


def _checked(name: str, value: Any, channels: int, bounds: tuple[float, float]) -> np.ndarray:
    array = np.asarray(ops.convert_to_numpy(value) if ops.is_tensor(value) else value)
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(f"`{name}` must be floating point Lab values, received dtype {array.dtype}")
    if array.ndim not in (3, 4) or array.shape[-1] != channels:
        raise ValueError(
            f"`{name}` must be (H, W, {channels}) or (batch, H, W, {channels}), "
            f"received shape {array.shape}"
        )
    low, high = bounds
    tolerance = 1e-2  # float32 rounding of a conversion or of a network's last layer
    if array.size and not (array.min() >= low - tolerance and array.max() <= high + tolerance):
        raise ValueError(
            f"`{name}` must lie in [{low:g}, {high:g}], "
            f"received values from {array.min():g} to {array.max():g}"
        )
    return array.astype(np.float32)
