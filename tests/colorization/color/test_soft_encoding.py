import numpy as np
import pytest
from keras import ops

from colorization.color.ab_bins import bin_centers, nearest_bin_table
from colorization.color.soft_encoding import (
    annealed_mean,
    class_weights,
    soft_encode,
    soft_encoding_table,
    table_rows,
)

GRID = np.stack(np.meshgrid(np.arange(-128, 128), np.arange(-128, 128), indexing="ij"), axis=-1)


def dense_encoding(ab, neighbors=5, sigma=5.0):
    """Encode colors one by one, as eq. 2's text says, into all 313 channels."""
    encoded = np.zeros((len(ab), 313))
    for row, color in zip(encoded, ab, strict=True):
        distance = np.linalg.norm(bin_centers() - color, axis=1)
        nearest = np.argsort(distance, kind="stable")[:neighbors]
        gaussian = np.exp(-(distance[nearest] ** 2) / (2 * sigma**2))
        row[nearest] = gaussian / gaussian.sum()
    return encoded


def in_full(bins, weights):
    encoded = np.zeros((len(bins), 313))
    np.put_along_axis(encoded, np.asarray(bins, np.int64), np.asarray(weights), axis=1)
    return encoded


@pytest.mark.parametrize("neighbors", [5, 10])
def test_the_table_is_the_dense_encoding(neighbors):
    codes = np.random.default_rng(0).integers(0, 256 * 256, 800)
    # Far from every bin a Gaussian underflows where the table must not.
    ab = GRID.reshape(-1, 2)[codes]
    near = np.linalg.norm(ab[:, None] - bin_centers(), axis=-1).min(axis=1) < 40
    table = soft_encoding_table(neighbors)
    found = in_full(table.bins[codes[near]], table.weights[codes[near]])
    np.testing.assert_allclose(found, dense_encoding(ab[near], neighbors), atol=1e-6)


def test_the_table_is_small_complete_and_cannot_be_changed():
    table = soft_encoding_table()
    assert table.bins.shape == table.weights.shape == (65536, 5)
    assert (table.bins.dtype, table.weights.dtype) == (np.int16, np.float32)
    np.testing.assert_allclose(table.weights.sum(axis=1), 1, atol=1e-6)
    assert (np.diff(table.weights, axis=1) <= 0).all()
    with pytest.raises(ValueError, match="read-only"):
        table.bins[0] = 0


def test_the_first_bin_is_the_nearest():
    np.testing.assert_array_equal(soft_encoding_table().bins[:, 0], nearest_bin_table().ravel())


@pytest.mark.parametrize("arguments", [(0, 5.0), (314, 5.0), (5, 0.0)])
def test_impossible_encodings_are_refused(arguments):
    with pytest.raises(ValueError, match="`neighbors`"):
        soft_encoding_table(*arguments)


def test_codes_are_the_same_from_8_bit_and_from_floating_point():
    codes = np.array([[[0, 255], [128, 128]]], np.uint8)
    ab = codes.astype(np.float32) - 128
    np.testing.assert_array_equal(table_rows(codes), [[255, 128 * 256 + 128]])
    np.testing.assert_array_equal(table_rows(ab + 0.4), table_rows(codes)[..., None][..., 0])
    np.testing.assert_array_equal(table_rows(ab.astype(np.float16)), table_rows(codes))
    np.testing.assert_array_equal(table_rows(np.array([[-200.0, 200.0]])), [255])
    with pytest.raises(TypeError, match="`ab` must be uint8"):
        table_rows(codes.astype(np.int32))


def test_colors_come_back_from_their_encoding():
    ab = np.random.default_rng(0).uniform(-40, 40, (4, 8, 2)).astype(np.float32)
    bins, weights = soft_encode(ab)
    assert tuple(bins.shape) == tuple(weights.shape) == (4, 8, 5)
    decoded = (bin_centers()[np.asarray(bins)] * np.asarray(weights)[..., None]).sum(axis=-2)
    # Rounding to codes costs 0.5 in each channel, five neighbors about as much again.
    assert np.abs(decoded - ab).max() < 1.5


def test_weights_follow_from_the_training_sets_own_colors():
    counts = np.zeros((256, 256), np.int64)
    counts[128 + 10, 128 + 20], counts[128 + 60, 128 - 40] = 99, 1
    weights = class_weights(counts)
    assert weights.shape == (313,) and weights.dtype == np.float32
    # By hand: smooth each count over the bins with a Gaussian of width 5, mix, invert, normalize.
    smoothed = np.zeros(313)
    for share, color in ((0.99, (10, 20)), (0.01, (60, -40))):
        gaussian = np.exp(-((bin_centers() - color) ** 2).sum(axis=1) / 50)
        smoothed += share * gaussian / gaussian.sum()
    expected = 1 / (0.5 * smoothed + 0.5 / 313)
    np.testing.assert_allclose(weights, expected / (smoothed @ expected), rtol=1e-5)


def softmax(logits):
    exponential = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponential / exponential.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("temperature", [1.0, 0.38, 0.1])
def test_the_annealed_mean_is_the_mean_of_the_sharpened_distribution(temperature):
    logits = np.random.default_rng(0).normal(size=(2, 3, 3, 313)).astype(np.float32)
    # Eq. 5 as printed: exp(log(z) / T) / sum exp(log(z) / T).
    z = softmax(logits.astype(np.float64)) ** (1 / temperature)
    expected = z / z.sum(axis=-1, keepdims=True) @ bin_centers()
    np.testing.assert_allclose(annealed_mean(logits, temperature), expected, atol=1e-3)


def test_a_temperature_toward_0_gives_the_mode():
    logits = np.random.default_rng(0).normal(size=(5, 313)).astype(np.float32)
    mode = bin_centers()[logits.argmax(axis=1)]
    np.testing.assert_allclose(annealed_mean(logits, 1e-4), mode, atol=1e-3)


def test_half_precision_logits_are_decoded_in_single_precision():
    logits = ops.cast(np.random.default_rng(0).normal(size=(5, 313)) * 1000, "float16")
    decoded = annealed_mean(logits, 0.01)
    assert str(decoded.dtype).endswith("float32'>") and np.isfinite(decoded).all()
