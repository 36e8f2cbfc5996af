import keras
import numpy as np
import pytest
from PIL import Image

from colorization import evaluation
from colorization.records import load_info
from colorization.report import html_report, metrics_table
from colorization.sources import find_photos
from colorization.statistics import ChromaStatistics


def oracle(size=32):
    """A model that knows how the photos of the fixture are coloured, nearly."""
    inputs = keras.Input((size, size, 1))
    both = keras.layers.Concatenate()([inputs, inputs])
    return keras.Model(inputs, keras.layers.Rescaling([0.9, 1.3], offset=[0, -100])(both))


@pytest.fixture(scope="module")
def statistics(records):
    return ChromaStatistics.load(records / "statistics.npz")


@pytest.fixture(scope="module")
def results(records, statistics):
    photos = evaluation.validation_set(records, limit=100)
    colourisers = evaluation.predictors({"oracle": oracle()}, statistics)
    scores, per_image = evaluation.evaluate(colourisers, photos, statistics, seed=0)
    sets = {"validation": {"photos": len(photos.names), "what": photos.what}}
    return {"sets": sets, "scores": {"validation": scores}}, per_image, photos


def test_the_validation_set_is_that_of_the_records(results, records):
    photos = results[2]
    assert len(photos.photos) == load_info(records).count("validation")
    assert photos.photos[0].shape == (32, 32, 3)
    assert all(name.endswith(".jpg") for name in photos.names)


def test_whole_photos_keep_their_shape_and_are_reduced(tmp_path):
    Image.new("RGB", (400, 200), "red").save(tmp_path / "wide.png")
    Image.new("RGB", (40, 80), "red").save(tmp_path / "small.png")
    photos = evaluation.photo_set(find_photos(tmp_path), longest_side=100)
    assert [photo.shape for photo in photos.photos] == [(80, 40, 3), (50, 100, 3)]


def test_baselines_come_first_and_know_only_the_training_set(results, statistics):
    scores = results[0]["scores"]["validation"]
    assert list(scores) == ["grey", "mean colour", "mean colour by lightness", "oracle"]
    mse = {name: score["ab_mse"]["mean"] for name, score in scores.items()}
    # Lightness decides the colour of these photos: knowing it must pay.
    assert mse["mean colour by lightness"] < mse["mean colour"] < mse["grey"]


def test_every_photo_has_its_own_line_for_every_model(results):
    summary, per_image, photos = results
    for name, rows in per_image.items():
        assert [row["photo"] for row in rows] == photos.names
        mean = summary["scores"]["validation"][name]["ab_mse"]["mean"]
        assert np.mean([row["ab_mse"] for row in rows]) == pytest.approx(mean)


def test_photos_for_a_figure_are_chosen_at_random_by_seed(results):
    photos = results[2]
    chosen = evaluation.sample(photos, 3, seed=1)
    assert chosen == evaluation.sample(photos, 3, seed=1)
    assert len(set(chosen)) == 3
    assert evaluation.sample(photos, 1000, seed=1) == list(range(len(photos.photos)))


def test_columns_show_the_original_its_grey_and_the_result(results):
    originals, greys, coloured = evaluation.columns(results[2], [0, 1], oracle())
    assert [image.shape for image in originals] == [(32, 32, 3)] * 2
    assert [image.shape for image in greys] == [(32, 32)] * 2
    assert all(np.ptp(image.astype(int), axis=-1).max() > 10 for image in coloured)


def test_tables_hold_every_model_with_its_interval(results):
    table = metrics_table(results[0], "validation").splitlines()
    assert len(table) == 2 + 4
    mse = results[0]["scores"]["validation"]["grey"]["ab_mse"]
    assert f"{mse['mean']:.1f} [{mse['low']:.1f}, {mse['high']:.1f}]" in table[2]


def test_the_report_needs_no_other_file_and_escapes_names(results, tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "figure.png")
    page = html_report(results[0], {"<five> photos": tmp_path / "figure.png"})
    assert "data:image/png;base64," in page and "figure.png" not in page
    assert "&lt;five&gt; photos" in page and "<five>" not in page
    assert page.count("<tr>") == 5
