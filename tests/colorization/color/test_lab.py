import keras
import numpy as np
import pytest
import tensorflow as tf
from skimage.color import rgb2lab

from colorization import reconstituer_image
from colorization.color.lab import decode_lab, split_lab

CUBE = np.stack(np.meshgrid(*[np.linspace(0, 1, 18)] * 3), axis=-1).astype(np.float32)
CUBE = CUBE.reshape(-1, 18, 3)


def under_map(op, array):
    """Run an op inside `Dataset.map`, where shapes and eager tricks may fail it."""
    return next(iter(tf.data.Dataset.from_tensors(array).map(op))).numpy()


def eagerly(op, array):
    return keras.ops.convert_to_numpy(op(keras.ops.convert_to_tensor(array)))


@pytest.mark.parametrize("run", [eagerly, under_map])
def test_codes_become_lab(run):
    codes = np.array([[[0, 0, 128], [255, 255, 128], [51, 128, 200]]], np.float32)
    expected = [[[0, -128, 0], [100, 127, 0], [20, 0, 72]]]
    np.testing.assert_allclose(run(decode_lab, codes), expected, atol=1e-5)


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
