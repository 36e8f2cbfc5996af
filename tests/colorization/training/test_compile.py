import keras
import numpy as np
import pytest

from colorization.config import Optimizer
from colorization.models import NETWORKS
from colorization.models.losses import SoftCrossEntropy
from colorization.training.compile import build_optimizer, compile_model
from colorization.training.recipes import RECIPES

COUNTS = np.ones((256, 256), np.int64)


def test_the_learning_rate_warms_up_and_then_falls_to_nothing():
    optimizer = build_optimizer(Optimizer("adam", 2e-3, warmup_steps=100, cosine=True), steps=1000)
    rate = [float(optimizer._learning_rate(step)) for step in (0, 50, 100, 550, 1000)]
    np.testing.assert_allclose(rate, [0, 1e-3, 2e-3, 1e-3, 0], atol=1e-8)


def test_a_training_shorter_than_its_warm_up_still_learns():
    optimizer = build_optimizer(Optimizer(warmup_steps=100, cosine=True), steps=4)
    assert max(float(optimizer._learning_rate(step)) for step in range(4)) == pytest.approx(1e-3)


def test_optimizers_have_their_settings():
    optimizer = build_optimizer(Optimizer("adamw", 1e-3, 0.99, 0.01, clipnorm=1.0), steps=10)
    assert isinstance(optimizer, keras.optimizers.AdamW)
    config = optimizer.get_config()
    assert (config["beta_2"], config["weight_decay"], config["clipnorm"]) == (0.99, 0.01, 1.0)
    assert type(build_optimizer(Optimizer(), 10)) is keras.optimizers.Adam
    with pytest.raises(ValueError, match="`name` must be one of adam, adamw, received 'sgd'"):
        build_optimizer(Optimizer("sgd"), 10)


@pytest.mark.parametrize("saved", [False, True])
def test_the_encoder_moves_at_its_own_rate(saved, tmp_path):
    x = keras.Input((4,))
    slow, fast = keras.layers.Dense(3, name="encoder_slow"), keras.layers.Dense(3, name="fast")
    model = keras.Model(x, fast(slow(x)))
    optimizer = build_optimizer(Optimizer("adamw", 1e-2, encoder_rate=0.1), 10)
    model.compile(optimizer, "mse")
    if saved:
        optimizer.build(model.trainable_variables)
        model.save(tmp_path / "model.keras")
        model = keras.saving.load_model(tmp_path / "model.keras")
    before = {layer.name: layer.get_weights()[1] for layer in model.layers[1:]}
    model.fit(np.ones((8, 4)), np.full((8, 3), 9.0), epochs=1, verbose=0)
    # The first step of Adam is the rate itself.
    for name, rate in {"encoder_slow": 1e-3, "fast": 1e-2}.items():
        step = np.abs(model.get_layer(name).get_weights()[1] - before[name])
        np.testing.assert_allclose(step, rate, rtol=0.01)


@pytest.mark.parametrize("name", ["autoencoder", "zhang", "unet"])
def test_a_network_gets_the_losses_of_its_heads(name):
    config = RECIPES[name]
    model = NETWORKS[config.network](32, 0.9)
    compile_model(model, config, COUNTS, steps=10)
    x = np.full((2, 32, 32, 1), 50, np.float32)
    y = np.random.default_rng(0).uniform(-50, 50, (2, 32, 32, 2)).astype(np.float32)
    targets = {"ab": y, "bins": y} if name == "unet" else y
    found = model.evaluate(x, targets, verbose=0, return_dict=True)
    assert np.isfinite(list(found.values())).all()
    if name == "autoencoder":
        assert model.loss == "mse" and type(model.optimizer) is keras.optimizers.Adam
    elif name == "zhang":
        assert isinstance(model.loss, SoftCrossEntropy)
    else:
        error = ((model.predict_on_batch(x)["ab"] - y) ** 2).mean()
        assert found["ab_mse"] == pytest.approx(error, rel=1e-3)
