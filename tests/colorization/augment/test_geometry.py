import numpy as np
import pytest
import tensorflow as tf

from colorization.augment import Augmentation, augment, random_translation

# a and b are functions of L, so that interpolation keeps the relation between the three.
LIGHTNESS = np.random.default_rng(0).uniform(0, 100, (6, 24, 32, 1)).astype(np.float32)
LAB = np.concatenate([LIGHTNESS, LIGHTNESS - 50, 20 - LIGHTNESS], axis=-1)

SETTINGS = {
    "flip": Augmentation(flip=0.5),
    "rotation": Augmentation(rotation=20),
    "crop": Augmentation(crop=0.4),
    "stretch": Augmentation(stretch=0.5),
    "all": Augmentation(flip=0.5, rotation=20, crop=0.4, stretch=0.5),
}


def eagerly(op, lab=LAB):
    return op(tf.constant(lab)).numpy()


def under_map(op, lab=LAB):
    return next(iter(tf.data.Dataset.from_tensors(lab).map(op))).numpy()


def ramp(axis, count=64, side=101):
    """Images whose L, a and b are the distance from the center along an axis, plus 50."""
    at = np.moveaxis(np.arange(side, dtype=np.float32)[:, None, None], 0, axis)
    return np.broadcast_to(at, (count, side, side, 3)).copy()


def slopes(images):
    center = images[:, 49:52, 49:52, 0]
    return (center[:, 1, 2] - center[:, 1, 0]) / 2, (center[:, 2, 1] - center[:, 0, 1]) / 2


@pytest.mark.parametrize("run", [eagerly, under_map])
@pytest.mark.parametrize("name", SETTINGS)
def test_chroma_moves_with_lightness(name, run):
    moved = run(augment(SETTINGS[name], seed=1))
    assert moved.shape == LAB.shape and moved.dtype == np.float32
    assert np.abs(moved - LAB).mean() > 5
    np.testing.assert_allclose(moved[..., 1], moved[..., 0] - 50, atol=1e-3)
    np.testing.assert_allclose(moved[..., 2], 20 - moved[..., 0], atol=1e-3)


@pytest.mark.parametrize("name", SETTINGS)
def test_values_stay_in_range_at_its_very_ends(name):
    top, bottom = (
        np.full((8, 64, 64, 3), end, np.float32) for end in ([100, 127, 127], [0, -128, -128])
    )
    moved = eagerly(augment(SETTINGS[name], seed=3), np.concatenate([top, bottom]))
    assert (moved >= [0, -128, -128]).all() and (moved <= [100, 127, 127]).all()


def test_a_flip_mirrors_about_half_of_the_images_exactly():
    images = np.repeat(LAB[:1], 200, axis=0)
    moved = eagerly(augment(Augmentation(flip=0.5), seed=1), images)
    same = (moved == images).all(axis=(1, 2, 3))
    mirrored = (moved == images[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (same ^ mirrored).all()
    assert 70 < mirrored.sum() < 130


def test_a_certain_flip_mirrors_every_image():
    np.testing.assert_array_equal(eagerly(augment(Augmentation(flip=1.0), seed=1)), LAB[:, :, ::-1])


def test_rotations_stay_within_the_angle_in_both_directions():
    across, down = slopes(eagerly(augment(Augmentation(rotation=20), seed=1), ramp(axis=1)))
    np.testing.assert_allclose(np.hypot(across, down), 1, atol=1e-3)
    angles = np.degrees(np.arctan2(down, across))
    assert -20 <= angles.min() < -12 and 12 < angles.max() <= 20


def test_a_rotation_is_around_the_center():
    moved = eagerly(augment(Augmentation(rotation=180), seed=1), ramp(axis=0))
    np.testing.assert_allclose(moved[:, 50, 50], 50, atol=1e-3)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_crop_enlarges_a_window_that_lies_within_the_image(axis):
    moved = eagerly(augment(Augmentation(crop=0.4), seed=1), ramp(axis))
    kept = slopes(moved)[1 - axis]
    assert kept.min() > 0.599 and kept.max() < 1.001 and kept.std() > 0.05
    along = moved[:, :, 50, 0] if axis == 0 else moved[:, 50, :, 0]
    # Nothing is mirrored but the half pixel that bilinear sampling lacks at an edge.
    assert (np.diff(along[:, 1:-1], axis=1) > 0.5).all()
    assert along[:, 0].max() > 20


def test_a_stretch_changes_the_aspect_ratio_around_the_center_and_keeps_the_area():
    op = augment(Augmentation(stretch=0.5), seed=1)
    across = slopes(eagerly(op, ramp(axis=1)))[0]
    down = slopes(eagerly(augment(Augmentation(stretch=0.5), seed=1), ramp(axis=0)))[1]
    np.testing.assert_allclose(across * down, 1, atol=1e-3)
    ratio = across / down
    assert 1 / 1.501 < ratio.min() < 0.75 and 1.35 < ratio.max() < 1.501
    moved = eagerly(op, ramp(axis=0))
    np.testing.assert_allclose(moved[:, 50, 50], 50, atol=1e-3)


@pytest.mark.parametrize("run", [eagerly, under_map])
@pytest.mark.parametrize("side", [16, 24, 48])
def test_images_can_come_out_at_another_size(side, run):
    moved = run(augment(SETTINGS["all"], seed=1, side=side))
    assert moved.shape == (6, side, side, 3) and moved.dtype == np.float32
    np.testing.assert_allclose(moved[..., 1], moved[..., 0] - 50, atol=1e-3)


def test_another_size_alone_shows_the_whole_image_evenly():
    moved = eagerly(augment(Augmentation(), seed=1, side=51), ramp(axis=1, count=2))
    # The centers of 51 pixels spread over 101; the outermost lie half a step inside.
    expected = (np.arange(51) - 25) * 101 / 51 + 50
    np.testing.assert_allclose(moved[0, 20, :, 0], expected, atol=1e-3)


def test_what_is_drawn_does_not_depend_on_the_size():
    # Both sizes show the same windows: the middle of the image moves to the same place.
    settings = Augmentation(crop=0.4)
    small = eagerly(augment(settings, seed=1, side=51), ramp(axis=1))
    same = eagerly(augment(settings, seed=1), ramp(axis=1))
    np.testing.assert_allclose(small[:, 25, 25, 0], same[:, 50, 50, 0], atol=1e-2)


@pytest.mark.parametrize("run", [eagerly, under_map])
def test_a_translation_moves_all_channels_together(run):
    moved = run(random_translation(0.2, seed=1))
    assert moved.shape == LAB.shape
    assert np.abs(moved - LAB).mean() > 1
    np.testing.assert_allclose(moved[..., 1], moved[..., 0] - 50, atol=1e-3)
    np.testing.assert_allclose(moved[..., 2], 20 - moved[..., 0], atol=1e-3)


def test_translations_stay_within_the_factor_and_differ_between_images():
    ramp = np.tile(np.arange(100, dtype=np.float32)[None, :, None, None], (64, 1, 100, 3))
    moved = random_translation(0.2, seed=1)(tf.constant(ramp)).numpy()
    shifts = moved[:, 50, 50, 0] - 50
    assert np.abs(shifts).max() <= 20.01 and shifts.std() > 5


def test_a_translation_mirrors_the_edges_so_that_values_stay_in_range():
    moved = eagerly(random_translation(0.2, seed=1))
    assert moved.min() >= LAB.min() - 1e-3 and moved.max() <= LAB.max() + 1e-3


def test_the_same_seed_gives_the_same_translations():
    np.testing.assert_array_equal(
        eagerly(random_translation(0.2, seed=5)), eagerly(random_translation(0.2, seed=5))
    )


def test_a_translation_out_of_range_is_refused():
    with pytest.raises(ValueError, match="`factor`.*1.5"):
        random_translation(1.5, seed=0)
