import keras
import numpy as np
import pytest
from keras import ops

from colorization.color.ab_bins import bin_centers
from colorization.models.losses import (
    ChromaError,
    SoftCrossEntropy,
    downsample_chroma,
    is_chromatic,
    soft_cross_entropy,
)

random = np.random.default_rng(0)
AB = random.integers(-60, 60, (2, 16, 16, 2)).astype(np.float32)
LOGITS = random.normal(0, 3, (2, 4, 4, 313)).astype(np.float32)
WEIGHTS = random.uniform(0.1, 6, 313).astype(np.float32)


def dense_loss(ab, logits, weights):
    """Compute eqs. 2 and 3 with dense targets of 313 channels, in double precision."""
    squares = ((ab.astype(np.float64)[..., None, :] - bin_centers()) ** 2).sum(axis=-1)
    order = np.argsort(squares, axis=-1, kind="stable")
    target = np.exp(-squares / 50)
    np.put_along_axis(target, order[..., 5:], 0, axis=-1)
    target /= target.sum(axis=-1, keepdims=True)
    shifted = logits - logits.max(axis=-1, keepdims=True).astype(np.float64)
    log_probability = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -weights[order[..., 0]] * (target * log_probability).sum(axis=-1)


def test_the_sparse_loss_is_the_dense_one():
    expected = dense_loss(AB[:, 2::4, 2::4], LOGITS, WEIGHTS)
    loss = SoftCrossEntropy(WEIGHTS)
    np.testing.assert_allclose(loss.call(AB, LOGITS), expected, rtol=1e-4)
    assert float(loss(AB, LOGITS)) == pytest.approx(expected.mean(), rel=1e-4)
    unweighted = dense_loss(AB[:, 2::4, 2::4], LOGITS, np.ones(313))
    np.testing.assert_allclose(SoftCrossEntropy().call(AB, LOGITS), unweighted, rtol=1e-4)


def test_the_loss_may_look_at_every_third_position():
    all_of_them = np.asarray(SoftCrossEntropy(WEIGHTS).call(AB, LOGITS))
    some = SoftCrossEntropy(WEIGHTS, every=3).call(AB, LOGITS)
    np.testing.assert_allclose(some, all_of_them[:, ::3, ::3], rtol=1e-6)


def test_targets_may_be_8_bit_codes():
    ab = AB[:, 2::4, 2::4]
    from_codes = soft_cross_entropy((ab + 128).astype(np.uint8), LOGITS)
    np.testing.assert_array_equal(from_codes, soft_cross_entropy(ab, LOGITS))


def test_the_gradient_is_softmax_minus_target():
    import tensorflow as tf

    logits = tf.constant(LOGITS[:1, :1, :1])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = soft_cross_entropy(AB[:1, :1, :1], logits)
    gradient = np.asarray(tape.gradient(loss, logits), np.float64)
    step = 1e-2
    for channel in np.argsort(-np.abs(gradient.ravel()))[:8]:
        moved = [
            dense_loss(
                AB[:1, :1, :1], LOGITS[:1, :1, :1] + sign * np.eye(313)[channel], np.ones(313)
            )
            for sign in (step, -step)
        ]
        slope = (moved[0] - moved[1]).item() / (2 * step)
        assert gradient.ravel()[channel] == pytest.approx(slope, abs=1e-4)
    assert gradient.sum() == pytest.approx(0, abs=1e-5)


def test_huge_logits_stay_finite_and_half_precision_is_computed_in_single():
    assert np.isfinite(soft_cross_entropy(AB[:, ::4, ::4], LOGITS * 1e4)).all()
    half = ops.cast(LOGITS, "float16")
    loss = SoftCrossEntropy(WEIGHTS)(AB, half)
    assert ops.dtype(loss) == "float32"
    single = SoftCrossEntropy(WEIGHTS)(AB, ops.cast(half, "float32"))
    assert float(loss) == pytest.approx(float(single), rel=1e-6)


def test_a_perfect_prediction_costs_the_entropy_of_its_target():
    ab = np.array([[[[10.0, 20.0]]]], np.float32)
    distance = np.array([0, 10, 10, 10, 10])
    target = np.exp(-(distance**2) / 50)
    target /= target.sum()
    logits = np.full((1, 1, 1, 313), -1e4, np.float32)
    for bin_ab, share in zip(
        [(10, 20), (0, 20), (10, 10), (10, 30), (20, 20)], target, strict=True
    ):
        logits[..., (bin_centers() == bin_ab).all(axis=1)] = np.log(share)
    entropy = -(target * np.log(target)).sum()
    assert float(np.ravel(soft_cross_entropy(ab, logits))[0]) == pytest.approx(entropy, rel=1e-5)


def test_nearly_gray_images_have_no_weight():
    gray = np.full((1, 16, 16, 2), 5.0, np.float32)
    both = np.concatenate([AB[:1], gray])
    np.testing.assert_array_equal(is_chromatic(both), [True, False])
    losses = np.asarray(SoftCrossEntropy(WEIGHTS).call(both, LOGITS))
    assert losses[0].min() > 0 and not losses[1].any()
    errors = np.asarray(ChromaError().call(both, np.zeros_like(both)))
    assert errors[0].max() > 0 and not errors[1].any()
    # One pixel of color is enough, negative as well.
    gray[0, 3, 3, 1] = -5.1
    assert bool(is_chromatic(gray)[0])


def test_targets_are_sampled_at_the_centers_of_the_logits_cells():
    rows = np.broadcast_to(np.arange(16.0)[:, None, None], (1, 16, 16, 2))
    reduced = np.asarray(downsample_chroma(rows, np.zeros((1, 4, 4, 313))))
    np.testing.assert_array_equal(reduced[0, :, 0, 0], [2, 6, 10, 14])
    np.testing.assert_array_equal(downsample_chroma(rows, rows), rows)


@pytest.mark.parametrize("size", [(5, 5), (4, 8), (32, 32)])
def test_logits_of_an_unfitting_size_are_refused(size):
    with pytest.raises(ValueError, match="whole multiple"):
        downsample_chroma(AB, np.zeros((2, *size, 313)))


def test_chroma_errors_are_in_ab_units():
    truth = np.full((1, 8, 8, 2), 10.0, np.float32)
    predicted = truth + np.array([1.0, -4.0], np.float32)
    assert float(ChromaError()(truth, predicted)) == pytest.approx(8.5)


def test_the_error_of_all_images_is_the_assignments_mse():
    predicted = np.zeros_like(AB)
    mse = float(ChromaError(gray_threshold=-1)(AB, predicted))
    assert mse == pytest.approx(float(keras.losses.MeanSquaredError()(AB, predicted)), rel=1e-6)


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="`weights` must be 313"):
        SoftCrossEntropy(np.ones(312))
    with pytest.raises(ValueError, match="`weights` must be 313"):
        SoftCrossEntropy(-np.ones(313))
    with pytest.raises(ValueError, match="`every`"):
        SoftCrossEntropy(every=0)


def test_losses_survive_in_a_checkpoint(tmp_path):
    lightness = keras.Input((16, 16, 1))
    logits = keras.layers.Conv2D(313, 4, strides=4)(lightness)
    model = keras.Model(lightness, logits)
    model.compile(optimizer="sgd", loss=SoftCrossEntropy(WEIGHTS))
    x = random.uniform(0, 100, (2, 16, 16, 1)).astype(np.float32)
    model.save(tmp_path / "model.keras")
    before = model.test_on_batch(x, AB)
    restored = keras.saving.load_model(tmp_path / "model.keras")
    assert restored.test_on_batch(x, AB) == pytest.approx(before, rel=1e-6)
    settings = ChromaError(3.0).get_config()
    assert ChromaError.from_config(settings).get_config() == settings
