import numpy as np
import pytest
import skimage.data
from PIL import Image
from skimage.color import rgb2lab

from colorization.color.lightness import TILE_PIXELS, photo_lightness, split_into_tiles

ASTRONAUT = skimage.data.astronaut()


def as_dtype(rgb, dtype):
    if dtype == np.bool_:
        return rgb > 127
    return (
        rgb.astype(np.float64) / 255 * (np.iinfo(dtype).max if dtype == np.uint16 else 1)
    ).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.bool_, np.float16, np.float32, float])
@pytest.mark.parametrize("channels", [0, 1, 3, 4])
def test_lightness_is_that_of_skimage(dtype, channels):
    rgb = ASTRONAUT[::7, ::5]
    photo = rgb if dtype == np.uint8 else as_dtype(rgb, dtype)
    if channels == 4:
        photo = np.concatenate([photo, photo[..., :1]], axis=-1)
    elif channels < 3:
        photo = photo[..., 0] if channels == 0 else photo[..., :1]
    top = np.iinfo(photo.dtype).max if photo.dtype.kind == "u" else 1
    shares = np.asarray(photo, np.float64) / top
    colors = shares[..., :3] if channels >= 3 else np.stack([shares.reshape(rgb.shape[:2])] * 3, -1)
    lightness = photo_lightness(photo)
    assert lightness.dtype == np.float32 and lightness.shape == rgb.shape[:2]
    # Half-precision shares are converted in single precision.
    np.testing.assert_allclose(lightness, rgb2lab(colors)[..., 0], atol=1e-3)


def test_every_code_of_gray_has_its_lightness():
    codes = np.arange(65536).reshape(256, 256)
    for dtype in (np.uint8, np.uint16):
        gray = (codes % (np.iinfo(dtype).max + 1)).astype(dtype)
        expected = rgb2lab(np.stack([gray] * 3, -1) / np.iinfo(dtype).max)[..., 0]
        np.testing.assert_allclose(photo_lightness(gray), expected, atol=2e-4)


@pytest.mark.parametrize(
    "shape", [(1, 1), (3, 5), (1, 3 * TILE_PIXELS + 1), (3 * TILE_PIXELS + 1, 1), (700, 300)]
)
def test_tiles_cover_every_pixel_once_and_are_small(shape):
    covered = np.zeros(shape, np.uint8)
    for tile in split_into_tiles(shape):
        covered[tile] += 1
        assert covered[tile].size <= TILE_PIXELS
    assert (covered == 1).all()


@pytest.mark.parametrize("mode", ["P", "PA", "CMYK", "LA", "1", "HSV", "YCbCr", "I;16", "F"])
def test_a_pillow_image_of_any_mode_is_no_noise(mode):
    gray = Image.linear_gradient("L")
    images = {
        "P": gray.quantize(64),
        "PA": gray.quantize(64).convert("PA"),
        "I;16": Image.fromarray(np.asarray(gray).astype(np.uint16) * 257),
        "F": Image.fromarray(np.asarray(gray) / np.float32(255)),
    }
    image = images.get(mode) or gray.convert("RGB").convert(mode)
    expected = photo_lightness(np.asarray(image.convert("L") if mode == "1" else gray))
    np.testing.assert_allclose(photo_lightness(image), expected, atol=1.5)
