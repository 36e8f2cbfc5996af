import keras
import numpy as np
import pytest
from experiments.halve_weights import halve_weights

from colorization.models import autoencoder


def test_a_halved_network_is_half_as_large_and_predicts_nearly_the_same(tmp_path):
    model = autoencoder(32)
    model.save(tmp_path / "full.keras")
    halve_weights(tmp_path / "full.keras", tmp_path / "half.keras")
    sizes = [(tmp_path / f"{name}.keras").stat().st_size for name in ("full", "half")]
    assert sizes[1] < 0.52 * sizes[0]
    again = keras.saving.load_model(tmp_path / "half.keras")
    assert {variable.dtype for variable in again.variables} <= {"float32", "uint32"}
    lightness = np.random.default_rng(0).uniform(0, 100, (2, 32, 32, 1)).astype(np.float32)
    before, after = (network.predict_on_batch(lightness) for network in (model, again))
    assert np.abs(before - after).max() < 0.01 * np.abs(before).max()


def test_weights_that_do_not_fit_are_refused(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[1e6]]), np.zeros(1)])
    model.save(tmp_path / "large.keras")
    with pytest.raises(ValueError, match="holds values up to 1e"):
        halve_weights(tmp_path / "large.keras", tmp_path / "half.keras")
    assert not (tmp_path / "half.keras").exists()
