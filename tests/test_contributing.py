"""docs/contributing.md: its snippets run, and the files it names exist."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

from colorization import models
from colorization.evaluation import image_scores

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "contributing.md").read_text("utf-8")
SECTION = re.compile(r"^## ((?:Add|Change) [\w ]+)\n(.*?)(?=^## )", re.DOTALL | re.MULTILINE)
RECIPES = dict(SECTION.findall(PAGE))


def snippet(heading):
    (code,) = re.findall(r"```python\n(.*?)```", RECIPES[heading], re.DOTALL)
    return code


@pytest.mark.slow
def test_a_network_added_by_the_page_trains_and_opens_without_the_project(
    records, tmp_path, monkeypatch
):
    monkeypatch.delitem(models.NETWORKS, "dilated", raising=False)  # restored afterward
    names = {"records": records, "output": tmp_path}
    exec(snippet("Add a network"), names)
    assert names["history"]["loss"][1] < names["history"]["loss"][0]
    assert keras.saving.load_model(tmp_path / "dilated.keras").output_shape == (None, 32, 32, 2)
    models.NETWORKS.pop("dilated")


def test_a_metric_added_by_the_page_is_scored_and_summarized(monkeypatch):
    monkeypatch.setattr(image_scores, "IMAGE_METRICS", dict(image_scores.IMAGE_METRICS))
    exec(snippet("Add a metric"), {})
    truth = np.full((16, 16, 3), 50, np.float32)
    prediction = truth.copy()
    prediction[:4, :, 1] = 90  # a quarter of the pixels is 40 units off
    scores = image_scores.score_image(
        truth, prediction, np.ones(313), np.ones(truth.shape[:2], np.int64)
    )
    assert scores.values["wrong_share"] == 0.25
    assert image_scores.summarize([scores], seed=0)["wrong_share"]["mean"] == 0.25


def test_each_recipe_names_at_most_four_files_and_they_exist():
    assert len(RECIPES) == 5
    for heading, text in RECIPES.items():
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        steps = re.findall(r"^\d\. `([\w./-]+)`", prose, re.MULTILINE)
        assert len(steps) <= 4, heading
        named = [step for step in steps if "NAME" not in step]
        assert [step for step in named if not (ROOT / step).is_file()] == []


def test_files_that_the_page_names_exist():
    for link in re.findall(r"\]\((\w[\w./-]*)\)", PAGE):
        assert (ROOT / "docs" / link).is_file(), link
    for path in re.findall(r"`((?:src|kernels|answers|tests|docs|models)/[\w./-]+)`", PAGE):
        assert "NAME" in path or (ROOT / path).exists(), path
