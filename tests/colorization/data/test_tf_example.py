import numpy as np
import pytest
import tensorflow as tf

from colorization.data.tf_example import serialize_example


@pytest.mark.parametrize("size", [1, 32, 128, 160, 512])
@pytest.mark.parametrize("name", ["a.jpg", "é\udcff/" + "n" * 300 + ".png", "\udcff" * 3])
def test_an_example_is_what_protocol_buffers_write(size, name):
    random = np.random.default_rng(size)
    lightness = random.integers(0, 256, size**2, np.uint8)
    chroma = random.integers(0, 2**16, size**2, np.uint16)
    chroma[:2], lightness[:2] = 0xFFFF, 0xFF
    example = tf.train.Example()
    features = example.features.feature
    features["l"].bytes_list.value.append(lightness.tobytes())
    features["ab"].bytes_list.value.append(chroma.tobytes())
    features["name"].bytes_list.value.append(name.encode("utf-8", "surrogateescape"))
    assert serialize_example(name, lightness, chroma) == example.SerializeToString(
        deterministic=True
    )
