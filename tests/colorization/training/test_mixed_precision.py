import keras
import numpy as np
import pytest

from colorization.models import unet
from colorization.training.mixed_precision import (
    choose_policy,
    detect_policy,
    dtype_policy,
    keep_depthwise_exact,
)

AMX = frozenset({"avx512f", "amx_bf16"})


@pytest.mark.parametrize(
    ("device", "capability", "flags", "expected"),
    [
        ("GPU:0", 7.5, frozenset(), "mixed_float16"),  # T4
        ("GPU:0", 6.0, AMX, "mixed_float16"),  # P100
        ("GPU:1", 9.0, frozenset(), "mixed_bfloat16"),  # H100
        ("TPU:0", 0.0, frozenset(), "mixed_bfloat16"),
        ("CPU:0", 0.0, AMX, "mixed_bfloat16"),
        ("CPU:0", 0.0, frozenset({"avx512f", "avx512_bf16"}), "mixed_bfloat16"),
        ("CPU:0", 0.0, frozenset({"avx512_bf16", "avx512_fp16"}), "float32"),  # AMX is hidden
        ("CPU:0", 0.0, frozenset({"avx2"}), "float32"),
        ("cpu:0", 0.0, frozenset(), "float32"),
    ],
)
def test_the_hardware_decides(device, capability, flags, expected):
    assert choose_policy(device, capability, flags) == expected


def test_this_processor_gets_a_policy_it_can_run():
    name = detect_policy("CPU:0")
    with dtype_policy(name):
        layer = keras.layers.Dense(2)
    assert layer(keras.ops.ones((1, 3))).shape == (1, 2)
    assert layer.variable_dtype == "float32"


def test_the_policy_before_is_restored_even_after_a_failure():
    before = keras.config.dtype_policy()
    with pytest.raises(KeyError), dtype_policy("mixed_bfloat16"):
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
        raise KeyError
    assert keras.config.dtype_policy() == before


@pytest.mark.parametrize(("device", "kept"), [("CPU:0", "float32"), ("GPU:0", "mixed_bfloat16")])
def test_depthwise_convolutions_alone_stay_exact_and_on_processors_only(device, kept):
    with dtype_policy("mixed_bfloat16"):
        model = unet(32)
        changed = keep_depthwise_exact(model, device)
    names = {
        kind: {layer.dtype_policy.name for layer in changed.layers if isinstance(layer, kind)}
        for kind in (keras.layers.DepthwiseConv2D, keras.layers.UpSampling2D)
    }
    assert names[keras.layers.DepthwiseConv2D] == {kept}
    assert names[keras.layers.UpSampling2D] == {"mixed_bfloat16", "float32"}  # the head's is exact
    for before, after in zip(model.get_weights(), changed.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
