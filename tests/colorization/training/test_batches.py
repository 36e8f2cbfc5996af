import keras
import numpy as np
import pytest
import tensorflow as tf

from colorization.models import unet, unet_hints
from colorization.models.efficientnet import UNTRAINED_LITE0
from colorization.training.batches import (
    add_drawn_hints,
    drop_remainder,
    pad_remainder,
    targets_per_head,
)


def pairs(photos, batch_size):
    x = np.arange(photos, dtype=np.uint8)[:, None, None, None]
    return tf.data.Dataset.from_tensor_slices((x, np.concatenate([x, x], -1))).batch(batch_size)


def test_batches_are_shared_out_equally_and_fewer_images_than_devices_are_left_out():
    for photos, sizes in [(12, [8, 4]), (15, [8, 4]), (9, [8]), (5, [4])]:
        batches = drop_remainder(pairs(photos, 8), photos, batch_size=8, replicas=4)
        assert [len(x) for x, _ in batches] == sizes
        assert batches.cardinality() == len(sizes)
    with pytest.raises(ValueError, match="`photos` must be at least 4, one per device, received 3"):
        drop_remainder(pairs(3, 8), 3, batch_size=8, replicas=4)


def test_one_device_gets_every_image_as_it_is():
    batches = pairs(9, 8)
    assert drop_remainder(batches, 9, 8, replicas=1) is batches
    assert pad_remainder(batches, 9, 8, replicas=1) is batches


@pytest.mark.parametrize("photos", [8, 9, 11, 15, 2])
def test_a_padded_validation_has_the_mean_loss_of_its_own_images(photos):
    model = keras.Sequential([keras.Input((1, 1, 1)), keras.layers.Conv2D(2, 1)])
    model.compile(loss="mse")
    filled = pad_remainder(pairs(photos, 8), photos, batch_size=8, replicas=4)
    assert all(len(batch[0]) % 4 == 0 for batch in filled)
    expected = model.evaluate(pairs(photos, 8), verbose=0)
    assert model.evaluate(filled, verbose=0) == pytest.approx(expected, rel=1e-6)


def test_every_head_gets_the_target_and_the_weights():
    lightness = keras.Input((1, 1, 1))
    channels = {"ab": 2, "bins": 313}
    heads = {n: keras.layers.Conv2D(count, 1, name=n)(lightness) for n, count in channels.items()}
    two_heads = keras.Model(lightness, heads)
    weighted = pairs(3, 3).map(lambda x, y: (x, y, tf.ones(3)))
    x, targets, weights = next(iter(targets_per_head(weighted, two_heads)))
    assert set(targets) == set(weights) == {"ab", "bins"}
    for target in targets.values():
        np.testing.assert_array_equal(target, np.concatenate([x, x], -1))
    one_head = keras.Model(lightness, heads["ab"])
    assert targets_per_head(weighted, one_head) is weighted


def test_a_network_that_takes_hints_gets_some_for_every_photo():
    chroma = np.random.default_rng(0).uniform(-50, 50, (6, 32, 32, 2)).astype(np.float32)
    pairs = tf.data.Dataset.from_tensor_slices((chroma[..., :1], chroma)).batch(3)
    model = unet_hints(32, encoder=UNTRAINED_LITE0)
    for each_epoch in (True, False):
        hinted = add_drawn_hints(pairs, model, seed=0, each_epoch=each_epoch)
        first, again = (np.concatenate([x[1] for x, _ in hinted]) for _ in range(2))
        assert first.shape == (6, 8, 8, 3)
        assert first[..., 2].any(axis=(1, 2)).all()
        assert np.array_equal(first, again) != each_epoch
    assert add_drawn_hints(pairs, unet(32, encoder=UNTRAINED_LITE0), 0, True) is pairs
