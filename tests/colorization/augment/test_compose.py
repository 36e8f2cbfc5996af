import json
import subprocess
import sys
from dataclasses import FrozenInstanceError, asdict, fields, replace

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import colorization.augment
from colorization.augment import Augmentation, augment

LAB = (
    np.random.default_rng(0)
    .uniform([0, -128, -128], [100, 30, 127], (4, 20, 28, 3))  # without strong reds
    .astype(np.float32)
)

ON = Augmentation(
    flip=0.5,
    rotation=10,
    crop=0.2,
    stretch=0.2,
    blur=1.0,
    gamma=0.5,
    contrast=0.3,
    lightness=10,
    grain=5,
    fading=0.4,
    halftone=0.9,
    emulsion=0.9,
)
NAMES = [field.name for field in fields(Augmentation)]


def only(*names):
    return Augmentation(**{name: getattr(ON, name) for name in names})


def under_map(op, calls=1, lab=LAB):
    return [out.numpy() for out in tf.data.Dataset.from_tensors(lab).repeat(calls).map(op)]


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_decides_everything(name):
    first, again, other = (augment(only(name), seed)(LAB).numpy() for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_each_call_draws_anew_eagerly_as_under_map():
    op = augment(ON, seed=1)
    eager = [op(LAB).numpy() for _ in range(3)]
    assert (eager[0] != eager[1]).any() and (eager[1] != eager[2]).any()
    np.testing.assert_allclose(under_map(augment(ON, seed=1), 3), eager, atol=2e-3)


def test_each_epoch_draws_anew():
    dataset = tf.data.Dataset.from_tensors(LAB).map(augment(ON, seed=1))
    first, second = (next(iter(dataset)).numpy() for _ in range(2))
    assert (first != second).any()


def test_with_keys_a_parallel_map_is_reproducible():
    def epoch():
        keys = tf.data.Dataset.random(seed=7).batch(2).take(12)
        batches = tf.data.Dataset.zip(tf.data.Dataset.from_tensors(LAB).repeat(), keys)
        return [out.numpy() for out in batches.map(augment(ON, seed=1), num_parallel_calls=4)]

    first = epoch()
    np.testing.assert_array_equal(first, epoch())
    assert (first[0] != first[1]).any()


def test_a_key_decides_whatever_the_seed():
    outs = [augment(ON, seed)(LAB, key=(3, 4)).numpy() for seed in (1, 2)]
    np.testing.assert_array_equal(*outs)


@pytest.mark.parametrize("name", NAMES[4:])
def test_one_augmentation_draws_the_same_whatever_else_is_on(name):
    geometry = only(*NAMES[:4])
    both = replace(geometry, **{name: getattr(ON, name)})
    moved = augment(geometry, seed=1)(LAB)
    np.testing.assert_array_equal(
        augment(both, seed=1)(LAB), augment(only(name), seed=1)(moved.numpy())
    )


def test_geometry_draws_the_same_whatever_else_is_on():
    np.testing.assert_array_equal(
        augment(ON, seed=1)(LAB)[..., 1:], augment(only(*NAMES[:4]), seed=1)(LAB)[..., 1:]
    )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    names=st.sets(st.sampled_from(NAMES), min_size=1),
    seed=st.integers(0, 2**31),
    shape=st.tuples(st.integers(1, 3), st.integers(2, 21), st.integers(2, 21)),
)
def test_any_choice_keeps_shape_and_range_on_any_size(names, seed, shape):
    lab = np.resize(LAB, (*shape, 3))
    out = augment(only(*names), seed)(lab).numpy()
    assert out.shape == lab.shape
    assert (out >= [0, -128, -128]).all() and (out <= [100, 127, 127]).all()


def test_sizes_may_be_unknown_in_the_graph():
    sizes = tf.TensorSpec((None, None, None, 3), tf.float32)
    dataset = tf.data.Dataset.from_generator(lambda: [LAB, LAB[:1, :9]], output_signature=sizes)
    out = list(dataset.map(augment(ON, seed=1)))
    assert [image.shape for image in out] == [LAB.shape, (1, 9, 28, 3)]


def test_known_sizes_stay_known():
    dataset = tf.data.Dataset.from_tensor_slices(LAB).batch(3)
    assert dataset.map(augment(ON, seed=1)).element_spec.shape == (None, 20, 28, 3)


def test_all_off_is_no_op_at_all():
    assert augment(Augmentation(), seed=0) is None


def test_settings_survive_json_and_are_frozen():
    assert Augmentation(**json.loads(json.dumps(asdict(ON)))) == ON
    with pytest.raises(FrozenInstanceError):
        ON.flip = 1.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("strength", [-1, 1000, float("nan")])
def test_a_strength_out_of_range_is_refused(name, strength):
    with pytest.raises(ValueError, match=rf"`{name}` must be in \[0, .*received {strength}"):
        Augmentation(**{name: strength})


def test_images_that_are_not_batches_of_lab_are_refused():
    op = augment(ON, seed=0)
    with pytest.raises(ValueError, match=r"`lab` must be \(batch, H, W, 3\).*\(20, 28, 3\)"):
        op(LAB[0])
    with pytest.raises(ValueError, match=r"`lab` must be \(batch, H, W, 3\).*\(4, 20, 28, 1\)"):
        op(LAB[..., :1])
    with pytest.raises(TypeError, match="`lab` must be float32, received dtype uint8"):
        op(LAB.astype(np.uint8))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="random_halo"):
        colorization.augment.random_halo  # noqa: B018


def test_settings_do_without_tensorflow():
    code = "import sys, colorization.augment.settings; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
