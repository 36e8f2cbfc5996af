import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from colorization.augment import Augmentation, augment

RANDOM = np.random.default_rng(0)
LAB = RANDOM.uniform([0, -128, -128], [100, 127, 127], (6, 24, 32, 3)).astype(np.float32)

OPS = {
    "blur": 2.0,
    "gamma": 1.0,
    "contrast": 0.5,
    "lightness": 20,
    "grain": 8,
    "fading": 0.6,
    "halftone": 1.0,
}


def op_of(name, strength=None, seed=1):
    return augment(Augmentation(**{name: strength or OPS[name]}), seed)


def eagerly(op, lab=LAB):
    return op(tf.constant(lab)).numpy()


def under_map(op, lab=LAB):
    return next(iter(tf.data.Dataset.from_tensors(lab).map(op))).numpy()


def gray(lightness, count=64, side=32):
    """Images of one lightness."""
    return np.full((count, side, side, 3), lightness, np.float32)


def lightness_of(op, lab):
    return eagerly(op, lab)[..., 0]


@pytest.mark.parametrize("run", [eagerly, under_map])
@pytest.mark.parametrize("name", OPS)
def test_only_lightness_changes(name, run):
    changed = run(op_of(name))
    assert changed.shape == LAB.shape and changed.dtype == np.float32
    assert np.abs(changed[..., 0] - LAB[..., 0]).mean() > 0.3
    assert changed[..., 1:].tobytes() == LAB[..., 1:].tobytes()


@pytest.mark.parametrize("name", OPS)
def test_images_of_a_batch_change_differently(name):
    changed = eagerly(op_of(name), np.repeat(LAB[:1], 6, axis=0))
    assert len(np.unique(changed.reshape(6, -1), axis=0)) > 4


@pytest.mark.parametrize("name", OPS)
@settings(max_examples=6, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**31), share=st.floats(0, 1), end=st.sampled_from([0.0, 50.0, 99.9, 100.0])
)
def test_lightness_stays_in_range_at_any_strength(name, seed, share, end):
    strength = share * {"gamma": 4.0, "blur": 8.0, "grain": 50.0}.get(name, 1.0)
    lab = np.where(
        RANDOM.uniform(size=(2, 9, 8, 1)) < 0.5, LAB[:2, :9, :8], gray(end, 2, 9)[:, :, :8]
    )
    op = augment(Augmentation(**{name: strength}), seed) or tf.identity  # of nothing, no op
    lightness = lightness_of(op, lab)
    assert np.isfinite(lightness).all()
    assert lightness.min() >= 0 and lightness.max() <= 100


def test_a_blur_spreads_a_point_and_keeps_its_sum_and_plain_areas():
    point = gray(0.0)
    point[:, 16, 16] = 100
    blurred = lightness_of(op_of("blur", 2.0, seed=1), point)
    np.testing.assert_allclose(blurred.sum(axis=(1, 2)), 100, rtol=1e-3)
    variance = (blurred * (np.arange(32) - 16) ** 2).sum(axis=(1, 2)) / 100
    assert np.sqrt(variance.max()) <= 2.05 and np.sqrt(variance.max()) > 1.5
    np.testing.assert_allclose(blurred, np.swapaxes(blurred, 1, 2), atol=1e-3)
    np.testing.assert_allclose(eagerly(op_of("blur", 8.0, seed=1), gray(40.0)), 40, rtol=1e-5)


def test_gamma_is_a_power_within_bounds_that_keeps_black_and_white():
    tones = np.broadcast_to(np.linspace(0, 100, 32, dtype=np.float32)[:, None], (64, 32, 32, 3))
    lightness = lightness_of(op_of("gamma", 1.0, seed=1), tones)[:, 0]
    np.testing.assert_allclose(lightness[:, [0, -1]], [[0, 100]] * 64, atol=1e-4)
    powers = np.log(lightness[:, 1:-1] / 100) / np.log(tones[:, 0, 1:-1, 0] / 100)
    np.testing.assert_allclose(powers, powers[:, :1] * np.ones((1, 30)), rtol=1e-2)
    assert 0.499 < powers.min() < 0.7 and 1.5 < powers.max() < 2.001


def test_contrast_keeps_the_mean_and_scales_what_is_around_it():
    lab = 40 + 0.2 * LAB
    lightness = lightness_of(op_of("contrast", 0.5, seed=1), np.repeat(lab, 10, axis=0))
    before = np.repeat(lab[..., 0], 10, axis=0)
    np.testing.assert_allclose(lightness.mean((1, 2)), before.mean((1, 2)), rtol=1e-4)
    factors = lightness.std(axis=(1, 2)) / before.std(axis=(1, 2))
    assert 0.499 < factors.min() < 0.65 and 1.35 < factors.max() < 1.501


def test_lightness_shifts_each_image_as_a_whole():
    shifts = lightness_of(op_of("lightness", 20, seed=1), gray(50.0)) - 50
    assert np.ptp(shifts, axis=(1, 2)).max() < 1e-4
    assert -20 <= shifts.min() < -15 and 15 < shifts.max() <= 20


def test_grain_is_strongest_at_middle_gray_and_absent_from_black_and_white():
    op = op_of("grain", 8, seed=1)
    spread = lightness_of(op, gray(50.0)).std(axis=(1, 2))
    assert 6 < spread.max() < 9 and spread.min() < 1.5
    for end in (0.0, 100.0):
        np.testing.assert_array_equal(lightness_of(op, gray(end)), end)


def test_fading_lifts_blacks_more_than_it_lowers_whites_and_is_uneven():
    lifted = lightness_of(op_of("fading", 0.6, seed=1), gray(0.0))
    lowered = 100 - lightness_of(op_of("fading", 0.6, seed=1), gray(100.0))
    assert lifted.mean() > 2 * lowered.mean() > 0
    assert 30 < lifted.max() <= 0.6 * 95
    # The same seed: what is left of the contrast is one minus the share that has faded.
    assert 0.399 < (1 - (lifted + lowered) / 100).min() < 0.6
    assert np.ptp(lifted, axis=(1, 2)).mean() > 2


def test_fading_keeps_the_order_of_tones_at_a_place():
    darker, lighter = (
        lightness_of(op_of("fading", 1.0, seed=2), gray(tone)) for tone in (30.0, 60.0)
    )
    assert (darker <= lighter + 1e-4).all()


def test_two_augmentations_of_one_seed_draw_independently():
    shifts = lightness_of(op_of("lightness", 20, seed=1), gray(50.0))[:, 0, 0]
    tones = lightness_of(op_of("gamma", 1.0, seed=1), gray(50.0))[:, 0, 0]
    assert abs(np.corrcoef(shifts, tones)[0, 1]) < 0.4


def test_halftone_dots_keep_the_order_of_tones_and_leave_the_other_pictures_alone():
    lighter, darker = (
        lightness_of(op_of("halftone", 0.5, seed=3), gray(tone)) for tone in (60.0, 30.0)
    )
    printed = np.ptp(darker, axis=(1, 2)) > 1
    assert 0.3 < printed.mean() < 0.7
    assert (lighter > darker).all()
    np.testing.assert_array_equal(darker[~printed], 30)
    # Dots of ink cover what the tone says, within the blur of the scan.
    np.testing.assert_allclose(darker[printed].mean(axis=(1, 2)), 30, atol=15)
