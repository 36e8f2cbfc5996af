"""The curves, matrices and white point that all conversions share; constants are `skimage.color`'s.

NumPy alone, so that colorizing starts fast. With a `where` argument, functions take tensors, too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

XYZ_FROM_RGB = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
D65 = np.array([0.95047, 1.0, 1.08883])
RGB_FROM_XYZ = (np.linalg.inv(XYZ_FROM_RGB) * D65).astype(np.float32)  # XYZ relative to D65

# f(t) of CIELab is the cube root above LAB_EPSILON, and LAB_SLOPE * t + LAB_OFFSET below.
LAB_EPSILON = 0.008856
LAB_SLOPE = 7.787
LAB_OFFSET = 16 / 116
LAB_KNEE = 0.2068966  # f(LAB_EPSILON)
DARK_SLOPE = 116 * LAB_SLOPE  # lightness per luminance below LAB_EPSILON

LINEAR_KNEE = 0.0031308  # below it sRGB's curve is a straight line


def srgb_to_linear(encoded: np.ndarray) -> np.ndarray:
    """Decode floating point sRGB in [0, 1] to linear light in [0, 1]."""
    return np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)


def linear_to_srgb(linear: np.ndarray, scale: float = 1.0) -> np.ndarray:
    """Encode linear light in [0, 1] with sRGB's curve, to floating point in [0, `scale`]."""
    number = linear.dtype.type
    curve = np.maximum(linear, 1e-6) ** number(1 / 2.4)
    curve *= number(1.055 * scale)
    curve -= number(0.055 * scale)
    return np.where(linear > LINEAR_KNEE, curve, linear * number(12.92 * scale))


def lab_curve(t: np.ndarray) -> np.ndarray:
    """Apply CIELab's f to X, Y or Z relative to the white point."""
    return np.where(t > LAB_EPSILON, np.cbrt(t), LAB_SLOPE * t + LAB_OFFSET)


def inverse_lab_curve(f: Any, where: Callable[..., Any] = np.where) -> Any:
    """Invert CIELab's f."""
    return where(f > LAB_KNEE, f * f * f, (f - LAB_OFFSET) / LAB_SLOPE)


def lightness_from_luminance(
    luminance: Any,
    cube_root: Callable[[Any], Any] = np.cbrt,
    where: Callable[..., Any] = np.where,
) -> Any:
    """Return the lightness L in [0, 100] of a luminance in [0, 1]."""
    curve = 116 * cube_root(luminance) - 16
    return where(luminance > LAB_EPSILON, curve, DARK_SLOPE * luminance)
