"""Every experiment on a few small photos: what it writes, and that a second run repeats nothing."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from answers.measurements import TEMPERATURES
from experiments import (
    ablation,
    generalization,
    harness,
    old_film,
    rebalancing,
    seeds,
    sizes,
    strength,
    upsampling,
)
from PIL import Image
from tests.support.networks import colorful_unet

from colorization.data.chroma_statistics import STATISTICS
from colorization.data.record_set import RecordSet
from colorization.data.tfrecords import load_info
from colorization.evaluation.eval_sets import load_split
from colorization.training.recipes import RECIPES


def read_json(path):
    return json.loads(path.read_text("utf-8"))


@pytest.mark.slow
def test_rows_of_the_ablation_are_trained_once_and_compared_with_ours(
    records, tmp_path, capsys, monkeypatch
):
    small = replace(ablation.OURS, image_size=32)
    monkeypatch.setattr(ablation, "ROWS", {"ours": small, "random encoder": small})
    ablation.main([str(records)], tmp_path, ["ours"])
    assert "[1/1] ours" in capsys.readouterr().out
    ablation.main([str(records)], tmp_path, None)
    assert "[1/1] random encoder" in capsys.readouterr().out
    rows = read_json(tmp_path / "ablation.json")
    ours, other = (row["validation_ab_mse"][records.name] for row in rows.values())
    difference = rows["random encoder"]["against_ours"][records.name]
    assert difference["mean"] == pytest.approx(other - ours)
    assert difference["low"] <= difference["mean"] <= difference["high"]
    ablation.main([str(records)], tmp_path, None)
    assert "[1/1]" not in capsys.readouterr().out
    assert read_json(tmp_path / "ablation.json") == rows


def test_thin_records_hold_every_nth_training_photo_and_all_validation_photos(records, tmp_path):
    thin = harness.thin(records, tmp_path / "thin", every=2)
    info = load_info(thin)
    assert (info.count("train"), info.count("validation")) == (8, 5)
    names = load_split(records, "train").names
    assert load_split(thin, "train").names == names[::2]
    assert (thin / STATISTICS).is_file()


def test_strengths_are_measured_with_and_without_augmentation(
    records, small_network, tmp_path, capsys
):
    file = tmp_path / "strength.json"
    strength.main([f"faces={records}"], None, small_network, file)
    results = read_json(file)
    assert results.keys() == {"strengths", "fast", "usual"}
    ratios = results["usual"]["faces"]["colorfulness"]
    assert len(ratios) == len(results["strengths"]) and ratios == sorted(ratios)
    assert results["usual"] != results["fast"]
    assert "| strength 1.0 |" in capsys.readouterr().out


def test_photos_are_shown_as_old_films_saw_them(records, faces, small_network, tmp_path, capsys):
    file = tmp_path / "old_film.json"
    old_film.main([records], faces, small_network, small_network, file)
    results = read_json(file)
    names = [records.name, "old portraits"]
    assert list(results) == [*names, *(f"{name}, the previous network" for name in names)]
    assert results["old portraits"] == results["old portraits, the previous network"]
    of_films = results[records.name]
    assert list(of_films) == ["true", "today's film", "orthochromatic", "blue-sensitive"]
    assert of_films["today's film"]["ab_mse"] != of_films["blue-sensitive"]["ab_mse"]
    assert list(results["old portraits"]) == ["as they are"]
    assert "| blue-sensitive |" in capsys.readouterr().out


def test_both_splits_of_a_source_are_compared(records, small_network, tmp_path, monkeypatch):
    monkeypatch.setattr(generalization, "FEWEST", 5)
    file = tmp_path / "generalization.json"
    generalization.main([records], small_network, file)
    splits = read_json(file)[records.name]
    assert [splits[split]["photos"] for split in ("train", "validation")] == [15, 5]


def test_a_source_with_few_photos_in_a_split_is_left_out(records, small_network, tmp_path):
    file = tmp_path / "generalization.json"
    generalization.main([records], small_network, file)
    assert read_json(file) == {}


def test_colors_are_compared_between_sizes(faces, small_network, tmp_path):
    file = tmp_path / "sizes.json"
    sizes.main([faces], small_network, 2, file)
    row = read_json(file)[faces.stem]
    assert row["photos"] == 2 and 0 < row["mean"] <= row["percentile_95"] <= row["worst"]


def test_edges_are_measured_for_every_upsampling(small_network, tmp_path, capsys):
    photo = np.zeros((96, 96, 3), np.uint8)
    photo[:, :48], photo[:, 48:] = (250, 200, 60), (20, 30, 120)
    (tmp_path / "photos").mkdir()
    Image.fromarray(photo).save(tmp_path / "photos" / "edge.png")
    upsampling.main(tmp_path / "photos", small_network, tmp_path / "upsampling.json")
    results = read_json(tmp_path / "upsampling.json")
    assert results["photos"] == 1
    assert results["ways"].keys() == {*upsampling.METHODS, "truth"}
    assert results["ways"]["truth"]["sharpness"]["mean"] > 0.9
    same = results["ways"]["bicubic"]["error"]["from_bicubic"]
    assert same == {"mean": 0, "low": 0, "high": 0}
    assert "| guided, 2 px, 2 L |" in capsys.readouterr().out


def test_photos_without_edges_are_an_error(faces, small_network):
    with pytest.raises(ValueError, match="no photo has 50 strong edges"):
        upsampling.main(faces, small_network)


def test_seeds_are_compared_photo_by_photo_and_seed_by_seed():
    before = np.array([[10.0, 20.0], [12.0, 22.0]])
    rows = {}
    for seed, change in enumerate((-1.0, -3.0)):
        rows[f"autoencoder, seed {seed}"] = {"elsewhere": before[seed].tolist()}
        after = before[seed] + (change, change + 0.5)
        rows[f"autoencoder-translation, seed {seed}"] = {"elsewhere": after.tolist()}
    found = seeds.summarize(rows)["elsewhere"]
    assert found["before"] == [15.0, 17.0] and found["after"] == [14.25, 14.25]
    assert (found["seeds_better"], found["photos_better"]) == (2, 2)
    over_seeds, both = (found["difference"][over] for over in ("seeds", "both"))
    assert over_seeds["mean"] == both["mean"] == -1.75
    assert over_seeds["low"] < both["low"] <= -1.75 <= both["high"] < 0 < over_seeds["high"]


@pytest.mark.slow
def test_figure_2_is_trained_once_from_each_seed(records, faces, tmp_path, monkeypatch, capsys):
    short = {arm: replace(RECIPES[arm], epochs=1, image_size=32) for arm in seeds.ARMS}
    monkeypatch.setattr(seeds, "RECIPES", short)
    monkeypatch.setattr(seeds, "SEEDS", 2)
    for _ in range(2):
        seeds.main(records, faces, tmp_path, tmp_path / "summary.json")
    assert capsys.readouterr().out.count("[1/4]") == 1
    found = read_json(tmp_path / "summary.json")
    assert list(found) == ["validation", "elsewhere"]
    assert found["elsewhere"]["photos"] == 20 and len(set(found["elsewhere"]["before"])) == 2


def test_only_the_head_of_classes_learns_and_rebalancing_changes_what(
    records, faces, tmp_path, monkeypatch
):
    monkeypatch.setattr(rebalancing, "SIZE", 32)
    network = tmp_path / "network.keras"
    keras.utils.set_random_seed(0)
    colorful_unet().save(network)
    trunk = keras.saving.load_model(network).get_layer("up4_3").get_weights()
    trained = keras.saving.load_model(network)
    rebalancing.train_head(trained, RecordSet.open(records), None)
    assert all(map(np.array_equal, trained.get_layer("up4_3").get_weights(), trunk))
    rebalancing.main([str(records)], faces, tmp_path, network, tmp_path / "summary.json")
    found = read_json(tmp_path / "summary.json")
    assert [row["setting"] for row in found["plain"]] == list(TEMPERATURES)
    assert found["plain"][0]["ab_mse"] != found["rebalanced"][0]["ab_mse"]
