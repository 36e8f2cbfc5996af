import keras
import numpy as np
import pytest

from colorization.color.soft_encoding import annealed_mean
from colorization.models import NETWORKS, Heads, autoencoder, colorizer, takes_any_size, unet, zhang
from colorization.models.heads import decode
from colorization.models.losses import ChromaError, SoftCrossEntropy

COUNTS = np.ones((256, 256), np.int64)
# Network: heads, input size, stride of the classes.
EXPECTED = {
    "autoencoder": ({"ab"}, (64, 64), None),
    "zhang": ({"bins"}, (64, 64), 4),
    "unet": ({"ab", "bins"}, None, 4),
}


def build(name):
    return {"autoencoder": autoencoder, "zhang": zhang}[name](64) if name != "unet" else unet()


@pytest.fixture(scope="module", params=["built", "loaded"])
def networks(request, tmp_path_factory):
    keras.utils.set_random_seed(0)
    built = {name: build(name) for name in EXPECTED}
    if request.param == "built":
        return built
    folder = tmp_path_factory.mktemp("networks")
    for name, network in built.items():
        network.save(folder / f"{name}.keras")
    return {name: keras.saving.load_model(folder / f"{name}.keras") for name in built}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_heads_of_every_network_are_known_built_or_loaded(networks, name):
    heads = Heads.of(networks[name])
    names, size, stride = EXPECTED[name]
    assert set(heads.tensors) == names
    assert (heads.has_regression, heads.has_classes) == ("ab" in names, "bins" in names)
    assert heads.input_size == size
    assert heads.is_fully_convolutional is (size is None)
    if stride:
        assert heads.stride == stride


@pytest.mark.parametrize("name", EXPECTED)
def test_every_network_fits_a_step_with_its_own_losses_and_targets(networks, name):
    network = networks[name]
    heads = Heads.of(network)
    random = np.random.default_rng(0)
    x = random.uniform(0, 100, (2, 64, 64, 1)).astype(np.float32)
    y = random.uniform(-50, 50, (2, 64, 64, 2)).astype(np.float32)
    network.compile("sgd", **heads.compile_options(COUNTS))
    logs = network.test_on_batch(x, heads.targets(y), return_dict=True)
    assert np.isfinite(list(logs.values())).all()
    # What epochs are compared by is measured beside every loss that is not the ab MSE itself.
    assert ("ab_mse" in logs) is heads.has_classes


def test_losses_depend_on_the_heads(networks):
    options = {
        name: Heads.of(network).compile_options(COUNTS) for name, network in networks.items()
    }
    assert options["autoencoder"] == {"loss": "mse"}
    assert isinstance(options["zhang"]["loss"], SoftCrossEntropy)
    losses = options["unet"]["loss"]
    assert isinstance(losses["ab"], ChromaError) and isinstance(losses["bins"], SoftCrossEntropy)
    assert options["unet"]["loss_weights"].keys() == losses.keys()


def test_rare_colors_weigh_more():
    counts = COUNTS.copy()
    counts[128:140, 128:140] += 1000
    even, uneven = (
        Heads.of(unet()).compile_options(c)["loss"]["bins"].weights for c in (COUNTS, counts)
    )
    assert np.ptp(uneven) > 2 * np.ptp(even)


def test_one_head_has_a_plain_target_and_two_have_one_each(networks):
    target = object()
    assert Heads.of(networks["zhang"]).targets(target) is target
    assert Heads.of(networks["unet"]).targets(target) == {"ab": target, "bins": target}


@pytest.mark.parametrize(
    ("name", "temperature", "expected"),
    [
        ("autoencoder", None, ("ab", None)),
        ("unet", None, ("ab", None)),
        ("unet", 1.0, ("bins", 1.0)),
        ("zhang", None, ("bins", 0.38)),
        ("zhang", 0.5, ("bins", 0.5)),
    ],
)
def test_chroma_comes_from_the_regression_unless_a_temperature_asks_for_classes(
    networks, name, temperature, expected
):
    assert Heads.of(networks[name]).select(temperature) == expected


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_must_be_above_0(networks, temperature):
    with pytest.raises(ValueError, match="`temperature` must be above 0 or None, received"):
        Heads.of(networks["unet"]).select(temperature)


def test_a_temperature_needs_classes(networks):
    with pytest.raises(ValueError, match="needs a network that predicts classes, received 0.4"):
        Heads.of(networks["autoencoder"]).select(0.4)


def test_outputs_are_decoded_to_chroma():
    random = np.random.default_rng(0)
    ab = random.normal(size=(1, 4, 4, 2)).astype(np.float32)
    logits = random.normal(size=(1, 4, 4, 313)).astype(np.float32)
    np.testing.assert_array_equal(decode(ab, None), ab)
    np.testing.assert_allclose(decode(logits, 0.5), annealed_mean(logits, 0.5), atol=1e-5)


def test_what_a_colorizer_makes_has_the_regression_alone(networks):
    assert set(Heads.of(colorizer(networks["zhang"])).tensors) == {"ab"}


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [((32, 32, 3), 2, "must take L"), ((32,), 2, "must take L"), ((32, 32, 1), 3, "313 bins")],
)
def test_a_model_of_another_kind_is_refused(inputs, outputs, message):
    given = keras.Input(inputs)
    model = keras.Model(given, keras.layers.Dense(outputs)(given))
    with pytest.raises(ValueError, match=message):
        Heads.of(model)


def test_only_our_network_with_and_without_hints_is_built_for_any_size():
    any_size = {name for name, network in NETWORKS.items() if takes_any_size(network)}
    assert any_size == {"unet", "unet-hints"}
