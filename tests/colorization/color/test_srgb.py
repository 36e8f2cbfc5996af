import subprocess
import sys

import numpy as np
import pytest
from skimage.color import lab2xyz, rgb2lab, rgb2xyz, xyz2rgb, xyz_tristimulus_values
from skimage.color.colorconv import rgb_from_xyz, xyz_from_rgb

from colorization.color.srgb import (
    D65,
    RGB_FROM_XYZ,
    XYZ_FROM_RGB,
    inverse_lab_curve,
    lab_curve,
    lightness_from_luminance,
    linear_to_srgb,
    srgb_to_linear,
)

RAMP = np.linspace(0, 1, 1001)
GRAY = np.repeat(RAMP[:, None], 3, axis=1)


def test_the_matrices_and_the_white_point_are_those_of_skimage():
    np.testing.assert_array_equal(XYZ_FROM_RGB, xyz_from_rgb)
    np.testing.assert_allclose(RGB_FROM_XYZ, rgb_from_xyz * D65, rtol=1e-6)
    np.testing.assert_array_equal(D65, xyz_tristimulus_values(illuminant="D65", observer="2"))


def test_the_transfer_curve_and_its_inverse_are_those_of_skimage():
    luminance = rgb2xyz(GRAY)[:, 1]
    np.testing.assert_allclose(srgb_to_linear(RAMP), luminance, atol=1e-6)
    np.testing.assert_allclose(linear_to_srgb(luminance), xyz2rgb(rgb2xyz(GRAY))[:, 1], atol=1e-5)


@pytest.mark.parametrize("scale", [1, 255, 65535])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_encoding_inverts_decoding_at_any_scale_and_keeps_the_dtype(scale, dtype):
    encoded = linear_to_srgb(srgb_to_linear(RAMP.astype(dtype)), scale)
    assert encoded.dtype == dtype
    np.testing.assert_allclose(encoded, RAMP * scale, atol=2e-5 * scale)


def test_lightness_and_the_lab_curve_are_those_of_skimage():
    luminance = rgb2xyz(GRAY)[:, 1]
    lightness = rgb2lab(GRAY)[:, 0]
    np.testing.assert_allclose(lightness_from_luminance(luminance), lightness, atol=1e-4)
    np.testing.assert_allclose(116 * lab_curve(luminance) - 16, lightness, atol=1e-4)
    lab = np.stack([lightness, 0 * lightness, 0 * lightness], axis=-1)
    f = (lightness + 16) / 116
    np.testing.assert_allclose(inverse_lab_curve(f), lab2xyz(lab)[:, 1], atol=1e-6)


def test_it_imports_numpy_alone():
    code = (
        "import sys, colorization.color.srgb, colorization.color.gamut, "
        "colorization.color.lightness\n"
        "sys.exit(any(name in sys.modules for name in ('skimage', 'keras', 'tensorflow')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
