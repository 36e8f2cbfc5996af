import keras
import numpy as np
import pytest
from tests.support.networks import colorful_unet

from colorization.data.chroma_statistics import ChromaStatistics
from colorization.evaluation import predictors
from colorization.evaluation.eval_sets import load_validation
from colorization.evaluation.image_scores import summarize
from colorization.models import zhang


def oracle(size=32):
    """A model that knows how the photos of the fixture are colored, nearly."""
    inputs = keras.Input((size, size, 1))
    both = keras.layers.Concatenate()([inputs, inputs])
    return keras.Model(inputs, keras.layers.Rescaling([0.9, 1.3], offset=[0, -100])(both))


@pytest.fixture(scope="module")
def statistics(records):
    return ChromaStatistics.load(records / "statistics.npz")


@pytest.fixture(scope="module")
def photos(records):
    return load_validation(records, limit=100)


@pytest.fixture(scope="module")
def scores(photos, statistics):
    return predictors.score_photos(
        predictors.chroma_predictors({"oracle": oracle()}, statistics), photos, statistics
    )


def test_baselines_come_first_and_know_only_the_training_set(scores):
    assert list(scores) == ["gray", "mean color", "mean color by lightness", "oracle"]
    mse = {name: summarize(found, seed=0)["ab_mse"]["mean"] for name, found in scores.items()}
    # Lightness decides the color of these photos: knowing it must pay.
    assert mse["mean color by lightness"] < mse["mean color"] < mse["gray"]


def test_every_photo_is_scored_in_the_order_of_the_set(scores, photos, statistics):
    constant = predictors.chroma_predictors({}, statistics)["mean color"]
    for truth, score in zip(photos.photos, scores["mean color"], strict=True):
        error = ((constant(truth[..., 0]) - truth[..., 1:]) ** 2).mean()
        assert score.values["ab_mse"] == pytest.approx(error, rel=1e-4)


def test_networks_become_the_models_that_people_would_use():
    both, classes, chroma = colorful_unet(32), zhang(32), oracle()
    models = predictors.ab_models({"unet": both, "zhang": classes, "plain": chroma})
    assert list(models) == ["unet", "unet, vivid", "zhang", "plain"]
    x = np.random.default_rng(0).uniform(0, 100, (1, 32, 32, 1)).astype(np.float32)
    found = {name: model.predict_on_batch(x) for name, model in models.items()}
    assert {chroma.shape for chroma in found.values()} == {(1, 32, 32, 2)}
    np.testing.assert_allclose(found["unet"], both.predict_on_batch(x)["ab"], atol=1e-3)
    np.testing.assert_array_equal(found["plain"], chroma.predict_on_batch(x))


def test_a_model_is_measured_with_test_time_augmentation_where_that_is_asked_for(statistics):
    keras.utils.set_random_seed(0)
    models = predictors.ab_models({"unet": colorful_unet()})
    found = predictors.chroma_predictors(models, statistics, with_tta=["unet"])
    assert list(found)[3:] == ["unet", "unet, quality", "unet, vivid"]
    lightness = np.random.default_rng(0).uniform(0, 100, (40, 48)).astype(np.float32)
    averaged = found["unet, quality"]
    assert np.ptp(averaged(lightness) - found["unet"](lightness)) > 1e-3
    mirrored = averaged(lightness[:, ::-1])[:, ::-1]
    np.testing.assert_allclose(averaged(lightness), mirrored, atol=1e-2)


def test_columns_show_the_original_its_gray_and_the_result(photos):
    originals, grays, colored = predictors.triptych_columns(photos, [0, 1], oracle())
    assert [image.shape for image in originals] == [(32, 32, 3)] * 2
    assert [image.shape for image in grays] == [(32, 32)] * 2
    assert all(np.ptp(image.astype(int), axis=-1).max() > 10 for image in colored)
