"""Half precision, where the hardware gains by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras

BFLOAT16_FROM = 8.0  # CUDA compute capability; a T4 has 7.5, and tensor cores for float16 only


def choose_policy(
    device: str, capability: float = 0.0, cpu_flags: frozenset[str] = frozenset()
) -> str:
    """Choose the dtype policy of a training in mixed precision.

    Args:
        device: A name such as "GPU:0".
        capability: CUDA compute capability of a GPU.
        cpu_flags: Flags in `/proc/cpuinfo`.

    Returns:
        "mixed_bfloat16", "mixed_float16", which needs Keras's loss scaling, or "float32".
    """
    kind = device.split(":")[0].upper()
    if kind == "CPU":
        return "mixed_bfloat16" if _gains_by_bfloat16(cpu_flags) else "float32"
    if kind == "GPU" and capability < BFLOAT16_FROM:
        return "mixed_float16"
    return "mixed_bfloat16"


def _gains_by_bfloat16(cpu_flags: frozenset[str]) -> bool:
    if "amx_bf16" in cpu_flags:
        return True
    # A step of the U-Net with AVX512_BF16 takes 0.75 of float32's time on AMD's EPYC, and 1.5 times
    # it on Intel's processors with AMX, which have AVX512_FP16, where a virtual machine hides AMX.
    return "avx512_bf16" in cpu_flags and "avx512_fp16" not in cpu_flags


def detect_policy(device: str) -> str:
    """Choose as `choose_policy` does, by the hardware of a device such as "GPU:0"."""
    kind = device.split(":")[0].upper()
    return choose_policy(device, _capability() if kind == "GPU" else 0.0, _cpu_flags())


def keep_depthwise_exact(model: keras.Model, device: str) -> keras.Model:
    """Return a model whose depthwise convolutions are in float32 on a CPU, with the same weights.

    There they lose more by half precision (1.6 times the time of the whole step) than the other
    layers gain.
    """
    if device.split(":")[0].upper() != "CPU" or keras.config.dtype_policy().name == "float32":
        return model

    def exact(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            config["dtype"] = "float32"
        return type(layer).from_config(config)

    kept = keras.models.clone_model(model, clone_function=exact)
    kept.set_weights(model.get_weights())
    return kept


@contextmanager
def dtype_policy(name: str) -> Iterator[None]:
    """Set Keras's dtype policy within a `with` block."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _capability() -> float:
    if keras.config.backend() != "tensorflow":
        return BFLOAT16_FROM  # JAX and PyTorch run bfloat16 everywhere, if slowly on a T4
    import tensorflow as tf

    gpu = tf.config.list_physical_devices("GPU")[0]
    major, minor = tf.config.experimental.get_device_details(gpu)["compute_capability"]
    return float(f"{major}.{minor}")


def _cpu_flags() -> frozenset[str]:
    listed = Path("/proc/cpuinfo")
    if not listed.is_file():
        return frozenset()
    lines = listed.read_text("utf-8", "replace").splitlines()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())
