import numpy as np
import pytest
from PIL import Image
from tests.support.photos import gamma_profile

from colorization.color.lightness import photo_lightness
from colorization.data.color_profile import ColorProfileError, convert_to_srgb, srgb_profile


@pytest.mark.parametrize("description", ["Linear RGB", "GIMP built-in Linear sRGB"])
@pytest.mark.parametrize(("mode", "gray"), [("RGB", False), ("L", False), ("L", True)])
def test_a_profile_is_applied_whatever_its_name(description, mode, gray):
    image = Image.new(mode, (4, 4), 55 if mode == "L" else (55, 55, 55))
    converted = convert_to_srgb(image, gamma_profile(1.0, gray, description))
    assert converted.mode == mode
    np.testing.assert_allclose(photo_lightness(np.asarray(converted)), 53.5, atol=0.3)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_pixels_of_srgb_stay_as_they_are(mode):
    image = Image.linear_gradient("L").convert(mode)
    assert convert_to_srgb(image, srgb_profile()) is image


@pytest.mark.parametrize("profile", [b"no profile", gamma_profile(1.0, gray=True)])
def test_a_profile_that_does_not_fit_is_an_error(profile):
    with pytest.raises(ColorProfileError, match="does not fit an image of RGB"):
        convert_to_srgb(Image.new("RGB", (4, 4)), profile)
