import numpy as np
import pytest
import tensorflow as tf

from colorization.augment import swap_backgrounds

# Each image has one color of its own, in L and ab.
COLORS = np.stack([np.linspace(5, 95, 16), np.linspace(-80, 70, 16), np.linspace(60, -90, 16)], -1)
LAB = np.broadcast_to(COLORS[:, None, None], (16, 48, 40, 3)).astype(np.float32)


def changed(lab):
    return (np.abs(lab - LAB) > 1e-3).any(axis=(1, 2, 3))


@pytest.mark.parametrize("mapped", [False, True])
def test_the_middle_stays_and_the_corners_are_those_of_another_image(mapped):
    op = swap_backgrounds(1.0, seed=0)
    (lab,) = tf.data.Dataset.from_tensors(LAB).map(op) if mapped else [op(LAB)]
    lab = lab.numpy()
    assert lab.shape == LAB.shape and lab.dtype == np.float32
    np.testing.assert_allclose(lab[:, 23:25, 19:21], LAB[:, 23:25, 19:21], atol=1e-4)
    for corner in (lab[:, 0, 0], lab[:, -1, 0], lab[:, 0, -1], lab[:, -1, -1]):
        distance = np.abs(corner[:, None] - COLORS[None]).max(axis=-1)
        assert (distance.min(axis=1) < 1e-3).all()
        assert len(set(distance.argmin(axis=1))) == 16
    assert changed(lab).sum() >= 12


def test_lightness_and_chroma_are_mixed_alike():
    lab = swap_backgrounds(1.0, seed=1)(LAB).numpy()
    # Each channel is linear in the image's number, so all must name the same mixture.
    numbers = (lab - COLORS[0]) / (COLORS[-1] - COLORS[0])
    np.testing.assert_allclose(numbers[..., 1], numbers[..., 0], atol=1e-4)
    np.testing.assert_allclose(numbers[..., 2], numbers[..., 0], atol=1e-4)


def test_only_a_share_of_the_images_changes():
    ops = [swap_backgrounds(0.25, seed) for seed in range(40)]
    share = np.mean([changed(op(LAB).numpy()) for op in ops])
    assert 0.15 < share < 0.3
    np.testing.assert_array_equal(swap_backgrounds(0.0, seed=0)(LAB), LAB)


def test_a_key_decides_whatever_the_seed():
    outs = [swap_backgrounds(0.5, seed)(LAB, key=(3, 4)).numpy() for seed in (1, 2)]
    np.testing.assert_array_equal(*outs)


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match=f"`share` must be in .*received {share}"):
        swap_backgrounds(share, seed=0)
