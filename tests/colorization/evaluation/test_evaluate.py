import json

import keras
import numpy as np
import pytest

from colorization.config import Evaluation
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.evaluation.eval_sets import group_by_skin_tone, load_validation
from colorization.evaluation.evaluate import best_network, evaluate
from colorization.evaluation.report import Metric, metrics_table


def colored(a, b):
    """A network whose chroma follows the lightness."""
    inputs = keras.Input((32, 32, 1))
    both = keras.layers.Concatenate()([inputs, inputs])
    return keras.Model(inputs, keras.layers.Rescaling([a, b])(both))


@pytest.fixture(scope="module")
def assessed(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("assessed")
    sets = {"validation": group_by_skin_tone(load_validation(records, 100))}
    statistics = ChromaStatistics.load(records / "statistics.npz")
    config = Evaluation()
    return folder, evaluate({"brownish": colored(0.1, 0.3)}, sets, statistics, config, folder), sets


def test_results_hold_every_model_on_every_set_and_are_saved(assessed):
    folder, results, sets = assessed
    assert json.loads((folder / "results.json").read_text()) == results
    assert results["sets"]["validation"]["photos"] == len(sets["validation"].names)
    models = ["gray", "mean color", "mean color by lightness", "brownish"]
    assert list(results["scores"]["validation"]) == models


def test_groups_are_summaries_of_their_own_photos(assessed):
    folder, results, sets = assessed
    per_image = json.loads((folder / "per-image.json").read_text())["validation"]
    for group, members in sets["validation"].groups.items():
        for model, rows in per_image.items():
            mean = np.mean([rows[index]["ab_mse"] for index in members])
            found = results["groups"]["validation"][group][model]["ab_mse"]["mean"]
            assert found == pytest.approx(mean)


def test_every_photo_has_its_own_line_for_every_model(assessed):
    folder, results, sets = assessed
    per_image = json.loads((folder / "per-image.json").read_text())["validation"]
    for model, rows in per_image.items():
        assert [row["photo"] for row in rows] == sets["validation"].names
        mean = results["scores"]["validation"][model]["ab_mse"]["mean"]
        assert np.mean([row["ab_mse"] for row in rows]) == pytest.approx(mean)


def test_tables_hold_every_model_with_its_interval(assessed):
    results = assessed[1]
    table = metrics_table(results, "validation").splitlines()
    assert len(table) == 2 + 4
    mse = results["scores"]["validation"]["gray"]["ab_mse"]
    assert f"{mse['mean']:.1f} [{mse['low']:.1f}, {mse['high']:.1f}]" in table[2]


def test_a_table_may_have_other_columns_and_names(assessed):
    columns = (Metric("auc", "AuC, %", 0, "higher"),)
    table = metrics_table(assessed[1], "validation", columns, {"gray": "gris"}).splitlines()
    assert table[0] == "| | AuC, % ↑ |" and table[2].startswith("| gris | ")


def test_the_best_network_has_the_lowest_error_on_the_same_validation_photos(records, tmp_path):
    photos = load_validation(records, 3)
    statistics = ChromaStatistics.load(records / "statistics.npz")
    # Gray is the best of the three.
    networks = {"z": colored(-2, -2), "good": colored(0, 0), "late": colored(1, -2)}
    sets = {"elsewhere": photos, "validation": photos}
    results = evaluate(networks, sets, statistics, Evaluation(), tmp_path)
    scores = results["scores"]["validation"]
    errors = {name: scores[name]["ab_mse"]["mean"] for name in networks}
    assert results["best"] == min(errors, key=errors.get) == "good"
    assert json.loads((tmp_path / "results.json").read_text())["best"] == "good"


def test_without_validation_photos_no_network_is_called_the_best(records, tmp_path):
    sets = {"faces": load_validation(records, 1)}
    statistics = ChromaStatistics.load(records / "statistics.npz")
    config = Evaluation()
    assert "best" not in evaluate({"any": colored(0, 0)}, sets, statistics, config, tmp_path)


def test_a_vivid_model_is_not_chosen_as_the_best():
    scores = {"unet": {"ab_mse": {"mean": 3.0}}, "unet, vivid": {"ab_mse": {"mean": 2.0}},
              "zhang": {"ab_mse": {"mean": 4.0}}}  # fmt: skip
    assert best_network(["zhang", "unet"], scores) == "unet"
