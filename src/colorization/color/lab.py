"""CIELab: conversion from and to sRGB, the 8-bit encoding, and the pair (x, y) of the assignment.

Everywhere in this project L is in [0, 100], a and b are in [-128, 128], RGB is sRGB under D65.
The formulas and constants are those of `skimage.color`, the reference that the tests compare with.
"""

from typing import Any

import numpy as np
from keras import ops
from skimage.color import lab2rgb
from skimage.color.colorconv import rgb_from_xyz, xyz_from_rgb

LIGHTNESS_RANGE = (0.0, 100.0)
CHROMA_RANGE = (-128.0, 128.0)
D65 = (0.95047, 1.0, 1.08883)

# 8-bit Lab, as in OpenCV and TIFF readers: code = L * 255 / 100, a + 128, b + 128.
CODE_SCALE = np.array([100 / 255, 1, 1], np.float32)
CODE_OFFSET = np.array([0, -128, -128], np.float32)


def rgb_to_lab(rgb: Any) -> Any:
    """Convert sRGB to CIELab. Safe inside `Dataset.map` on the TensorFlow backend.

    Args:
        rgb: `(..., 3)` float32 tensor in [0, 1].

    Returns:
        `(..., 3)` float32. L in [0, 100], a and b in [-108, 99].
    """
    linear = ops.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = ops.matmul(linear, (xyz_from_rgb.T / D65).astype("float32"))
    f = ops.where(xyz > 0.008856, ops.maximum(xyz, 1e-6) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return ops.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def lab_to_rgb(lab: Any) -> Any:
    """Convert CIELab to sRGB, clipping what lies outside its gamut.

    Safe inside `Dataset.map` on the TensorFlow backend.

    Args:
        lab: `(..., 3)` float32 tensor. L in [0, 100], a and b in [-128, 128].

    Returns:
        `(..., 3)` float32 in [0, 1].
    """
    y = (lab[..., 0] + 16) / 116
    z = ops.maximum(y - lab[..., 2] / 200, 0.0)
    f = ops.stack([lab[..., 1] / 500 + y, y, z], axis=-1)
    xyz = ops.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787)
    linear = ops.matmul(xyz, (rgb_from_xyz.T * np.array(D65)[:, None]).astype("float32"))
    curve = 1.055 * ops.maximum(linear, 1e-6) ** (1 / 2.4) - 0.055
    return ops.clip(ops.where(linear > 0.0031308, curve, 12.92 * linear), 0, 1)


def encode_lab(lab: Any) -> Any:
    """Round Lab to the 8-bit codes that records store.

    Safe inside `Dataset.map` on the TensorFlow backend.

    Args:
        lab: `(..., 3)` float32 tensor. L in [0, 100], a and b in [-128, 127].

    Returns:
        `(..., 3)` uint8: `L * 255 / 100`, `a + 128`, `b + 128`, at most half a level off.
    """
    codes = ops.round((lab - CODE_OFFSET) / CODE_SCALE)
    return ops.cast(ops.clip(codes, 0, 255), "uint8")


def decode_lab(codes: Any) -> Any:
    """Turn 8-bit Lab codes back into Lab; the inverse of `encode_lab`. Safe inside `Dataset.map`.

    Only arithmetic operators are used, so any backend's tensors and NumPy arrays pass.

    Args:
        codes: `(..., 3)` 8-bit codes, already cast to float32.

    Returns:
        `(..., 3)` float32. L in [0, 100], a and b in [-128, 127].
    """
    return codes * CODE_SCALE + CODE_OFFSET


def split_lab(lab: Any) -> tuple[Any, Any]:
    """Split a Lab image into the model's input and target. Safe inside `Dataset.map`.

    Args:
        lab: `(..., H, W, 3)` float32. L in [0, 100], a and b in [-128, 127].

    Returns:
        `(x, y)`: lightness `(..., H, W, 1)` and chroma `(..., H, W, 2)`, same dtype and ranges.
    """
    return lab[..., :1], lab[..., 1:]


def reconstituer_image(x: Any, y: Any) -> np.ndarray:
    """Rebuild the RGB image of an input-output pair, as the assignment defines it. Eager only.

    Args:
        x: Lightness, `(H, W, 1)` or `(batch, H, W, 1)` floating point in [0, 100].
        y: Chroma, `(H, W, 2)` or `(batch, H, W, 2)` floating point in [-128, 128].

    Returns:
        `(H, W, 3)` or `(batch, H, W, 3)` float32 sRGB in [0, 1], ready for `plt.imshow`.

    Raises:
        TypeError: If `x` or `y` is not floating point.
        ValueError: If shapes do not fit each other, or values are out of range or not numbers.
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
    # A network's chroma often leaves the sRGB gamut; skimage's warning about it says nothing new.
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
