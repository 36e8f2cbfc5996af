import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import lab2rgb, rgb2lab

from colorization import reconstituer_image
from colorization.color.lab import decode_lab, encode_lab, lab_to_rgb, rgb_to_lab, split_lab

CUBE = np.stack(np.meshgrid(*[np.linspace(0, 1, 18)] * 3), axis=-1).astype(np.float32)
CUBE = CUBE.reshape(-1, 18, 3)


def under_map(op, array):
    """Run an op inside `Dataset.map`, where shapes and eager tricks may fail it."""
    return next(iter(tf.data.Dataset.from_tensors(array).map(op))).numpy()


def eagerly(op, array):
    return keras.ops.convert_to_numpy(op(keras.ops.convert_to_tensor(array)))


@pytest.mark.parametrize("run", [eagerly, under_map])
def test_rgb_to_lab_agrees_with_skimage_over_the_cube(run):
    np.testing.assert_allclose(run(rgb_to_lab, CUBE), rgb2lab(CUBE.astype(float)), atol=2e-3)


@pytest.mark.parametrize("run", [eagerly, under_map])
def test_lab_to_rgb_agrees_with_skimage_in_gamut(run):
    lab = rgb2lab(CUBE.astype(float)).astype(np.float32)
    np.testing.assert_allclose(run(lab_to_rgb, lab), CUBE, atol=1e-4)


def test_lab_to_rgb_clips_as_skimage_does_outside_the_gamut():
    lab = np.array([[[50, 120, -120], [20, -90, 90], [90, 80, 10]]], np.float32)
    with pytest.warns(UserWarning, match="negative Z"):
        expected = lab2rgb(lab)
    np.testing.assert_allclose(eagerly(lab_to_rgb, lab), expected, atol=1e-4)


@pytest.mark.parametrize("run", [eagerly, under_map])
def test_the_8_bit_encoding_is_at_most_half_a_level_off(run):
    lab = rgb2lab(CUBE.astype(float)).astype(np.float32)
    codes = run(encode_lab, lab)
    assert codes.dtype == np.uint8
    error = np.abs(decode_lab(codes.astype(np.float32)) - lab).max(axis=(0, 1))
    assert (error <= np.array([50 / 255, 0.5, 0.5]) + 1e-4).all()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 255), min_size=3, max_size=3))
def test_codes_survive_the_round_trip_through_lab(codes):
    codes = np.array([codes], np.uint8)
    assert (eagerly(encode_lab, decode_lab(codes.astype(np.float32))) == codes).all()


def test_a_pair_is_lightness_and_chroma():
    lab = np.zeros((2, 4, 5, 3), np.float32)
    x, y = split_lab(lab)
    assert x.shape == (2, 4, 5, 1) and y.shape == (2, 4, 5, 2)


def test_reconstituer_image_inverts_the_split_of_one_image():
    x, y = split_lab(rgb2lab(CUBE.astype(float)))
    image = reconstituer_image(x, y)
    assert image.dtype == np.float32
    np.testing.assert_allclose(image, CUBE, atol=1e-5)


def test_reconstituer_image_takes_batches_and_tensors():
    batch = np.stack([CUBE, CUBE[::-1]])
    x, y = split_lab(keras.ops.convert_to_tensor(rgb2lab(batch.astype(float)).astype("float32")))
    np.testing.assert_allclose(reconstituer_image(x, y), batch, atol=1e-4)


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        (np.zeros((4, 4)), np.zeros((4, 4, 2)), ValueError, r"`x` must be \(H, W, 1\)"),
        (np.zeros((4, 4, 1)), np.zeros((4, 4, 3)), ValueError, r"`y`.*received shape \(4, 4, 3\)"),
        (np.zeros((4, 4, 1)), np.zeros((4, 5, 2)), ValueError, "agree"),
        (np.full((4, 4, 1), 101.0), np.zeros((4, 4, 2)), ValueError, r"`x`.*\[0, 100\].*101"),
        (np.zeros((4, 4, 1)), np.full((4, 4, 2), -130.0), ValueError, r"`y`.*\[-128, 128\]"),
        (np.full((4, 4, 1), np.nan), np.zeros((4, 4, 2)), ValueError, "`x`.*nan"),
        (np.zeros((4, 4, 1), np.uint8), np.zeros((4, 4, 2)), TypeError, "`x`.*uint8"),
    ],
)
def test_reconstituer_image_says_what_is_wrong(x, y, error, message):
    with pytest.raises(error, match=message):
        reconstituer_image(x, y)
