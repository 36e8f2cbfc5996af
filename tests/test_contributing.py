"""What docs/contributing.md tells contributors is so."""

import re
from pathlib import Path

import keras
import pytest

from colorization import models
from colorization.training import recipes

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "contributing.md").read_text("utf-8")


@pytest.mark.slow
def test_the_new_network_of_the_example_trains_and_opens(records, tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.setattr(models, "NETWORKS", dict(models.NETWORKS))
    names = {"records": records, "output": tmp_path}
    monkeypatch.setattr("colorization.training.train.NETWORKS", models.NETWORKS)
    exec(code, names)
    assert names["history"]["loss"][1] < names["history"]["loss"][0]
    assert keras.saving.load_model(tmp_path / "dilated.keras").output_shape == (None, 32, 32, 2)


def test_files_that_it_names_are_there():
    for link in re.findall(r"\]\((\w[\w./-]*)\)", PAGE):
        assert (ROOT / "docs" / link).is_file(), link
    for path in re.findall(r"`((?:src|kernels|answers|tests|docs|models)/[\w./-]+)`", PAGE):
        assert (ROOT / path).exists(), path
    for name in ("config.py", "kaggle/paths.py", "evaluation/metrics.py"):
        assert (ROOT / "src" / "colorization" / name).is_file()


def test_names_that_it_gives_are_there():
    from colorization.augment import compose
    from colorization.evaluation import image_scores, report

    assert models.NETWORKS and recipes.RECIPES and report.METRICS and compose.LIGHTNESS
    assert callable(image_scores.score_image)
