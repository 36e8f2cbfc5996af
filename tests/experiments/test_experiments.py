"""Every experiment on a few small photos: what it writes, and that a second run repeats nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest
from experiments import (
    ablation,
    data_size,
    generalization,
    old_film,
    sizes,
    strength,
    upsampling,
)
from PIL import Image

from colorization.data.chroma_statistics import STATISTICS
from colorization.data.tfrecords import load_info
from colorization.evaluation.eval_sets import load_split


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
    thin = data_size.thin(records, tmp_path / "thin", every=2)
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
    old_film.main([records], faces, small_network, file)
    results = read_json(file)
    assert list(results) == [records.name, "old portraits"]
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
    assert results["ways"]["truth"]["sharpness"] > 0.9
    assert "| guided, 2 px, 2 L |" in capsys.readouterr().out


def test_photos_without_edges_are_an_error(faces, small_network):
    with pytest.raises(ValueError, match="no photo has 50 strong edges"):
        upsampling.main(faces, small_network)
