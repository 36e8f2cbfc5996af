import json

import pytest
from PIL import Image
from typer.testing import CliRunner

from colorization.config import Evaluation, Preparation
from deepcolor import cli
from deepcolor.local.evaluate import evaluate_networks, open_eval_sets
from deepcolor.local.prepare import prepare_photos


@pytest.mark.slow
def test_the_command_compares_a_network_with_baselines(small_network, records, faces, tmp_path):
    sets = ["--records", f"kept={records}", "--photos", f"whole={faces}", "--faces", "kept"]
    command = ["evaluate", str(small_network), *sets, "-o", str(tmp_path)]
    done = CliRunner().invoke(cli.app, command)
    assert done.exit_code == 0, done.exception
    results = json.loads((tmp_path / "results.json").read_text())
    assert set(results["scores"]) == {"kept", "whole"}
    assert {"gray", "small", "small, vivid"} < set(results["scores"]["whole"])
    assert set(results["groups"]["kept"]) == {"dark skin", "medium skin", "light skin"}
    (best, other) = results["differences"]["kept"]["small, vivid"]
    assert best in ("gray", "mean color", "mean color by lightness") and other == "small"
    assert "| small, vivid |" in done.output
    assert (tmp_path / "report.html").is_file()


@pytest.mark.slow
def test_the_baselines_know_the_colors_of_all_named_records(records, faces, tmp_path):
    bluish = tmp_path / "blue"
    bluish.mkdir()
    for index in range(20):
        Image.new("RGB", (32, 32), (60, 60, 120 + index)).save(bluish / f"{index:02d}.png")
    prepare_photos([bluish], tmp_path / "more", Preparation(image_size=32))
    tables = []
    for baseline in ([], [tmp_path / "more"], [tmp_path / "more", records]):
        output = tmp_path / f"{len(tables)}"
        evaluate_networks([], [f"kept={records}"], [], [], output, Evaluation(), baseline)
        results = json.loads((output / "results.json").read_text())
        tables.append(results["scores"]["kept"]["mean color by lightness"]["ab_mse"]["mean"])
    assert tables[0] < tables[1] == tables[2]  # a folder that is named twice counts once


def test_sets_are_named_and_limited(records, faces):
    sets = open_eval_sets([f"kept={records}"], [str(faces)], Evaluation(16, max_photos=3))
    assert list(sets) == ["kept", faces.stem]
    photos = sets[faces.stem].photos
    assert len(photos) == 3 and max(photos[0].shape) == 16
