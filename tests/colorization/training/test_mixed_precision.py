import keras
import pytest

from colorization.training.mixed_precision import choose_policy, detect_policy, dtype_policy

AMX = frozenset({"avx512f", "amx_bf16"})


@pytest.mark.parametrize(
    ("device", "capability", "flags", "expected"),
    [
        ("GPU:0", 7.5, frozenset(), "mixed_float16"),  # T4
        ("GPU:0", 6.0, AMX, "mixed_float16"),  # P100
        ("GPU:1", 9.0, frozenset(), "mixed_bfloat16"),  # H100
        ("TPU:0", 0.0, frozenset(), "mixed_bfloat16"),
        ("CPU:0", 0.0, AMX, "mixed_bfloat16"),
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
