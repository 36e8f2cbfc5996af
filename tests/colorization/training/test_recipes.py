import json
from dataclasses import asdict, replace

import keras
import numpy as np
import pytest

from colorization.config import Optimizer, Training
from colorization.training.losses import SoftCrossEntropy
from colorization.training.recipes import (
    NETWORKS,
    RECIPES,
    build_optimizer,
    compile_model,
    get_recipe,
)

COUNTS = np.ones((256, 256), np.int64)


def test_the_assignments_recipes_are_to_the_letter():
    plain, translated = RECIPES["autoencoder"], RECIPES["autoencoder-translation"]
    assert (plain.network, plain.epochs, plain.translation) == ("autoencoder", 10, 0.0)
    assert plain.optimizer == Optimizer("adam", 1e-3) and not any(
        asdict(plain.augmentation).values()
    )
    assert (translated.network, translated.epochs, translated.translation) == (
        "autoencoder",
        10,
        0.2,
    )


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_name_a_network_and_survive_json(name):
    assert RECIPES[name].network in NETWORKS and RECIPES[name].name == name
    assert json.loads(json.dumps(asdict(RECIPES[name])))["epochs"] > 0


def test_an_unknown_recipe_is_refused():
    with pytest.raises(ValueError, match="`name` must be one of autoencoder, .*received 'gan'"):
        get_recipe("gan")


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


def test_an_average_of_the_weights_takes_their_place_at_the_end_of_an_epoch():
    weight = keras.Variable([0.0])
    optimizer = build_optimizer(Optimizer(learning_rate=1.0, ema=0.5), steps=8, epoch_steps=4)
    optimizer.build([weight])
    average, seen = 0.0, []
    for _ in range(8):
        before = float(weight[0])
        optimizer.apply([keras.ops.ones(1)])
        # Adam walks 1 against a gradient that stays the same.
        average = (average + before - 1) / 2 if seen else before - 1
        seen.append(float(weight[0]) == pytest.approx(average, abs=1e-4))
    assert seen == [True, False, False, True, False, False, False, True]


@pytest.mark.parametrize("share", [0, 1, 1.5])
def test_an_average_must_remember_something_and_learn_something(share):
    with pytest.raises(ValueError, match="`ema` must be between 0 and 1, received"):
        Optimizer(ema=share)


@pytest.mark.parametrize("share", [-0.1, 2])
def test_a_share_is_at_most_all(share):
    with pytest.raises(ValueError, match=r"`uniform_share` must be in \[0, 1\], received"):
        Training(uniform_share=share)


def test_a_uniform_prior_rebalances_nothing():
    counts = COUNTS.copy()
    counts[128:140, 128:140] += 1000
    models = {}
    for share in (0.5, 1.0):
        models[share] = NETWORKS["unet"](32, 0.9)
        compile_model(
            models[share], replace(RECIPES["unet"], uniform_share=share), counts, steps=10
        )
    weights = {share: model.loss["bins"].weights for share, model in models.items()}
    np.testing.assert_allclose(weights[1.0], 1, rtol=1e-6)
    assert np.ptp(weights[0.5]) > 0.1


@pytest.mark.parametrize("name", ["autoencoder", "zhang", "unet"])
def test_a_network_gets_the_loss_of_its_answer(name):
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


def test_defaults_are_the_assignments():
    assert Training() == RECIPES["autoencoder"]
