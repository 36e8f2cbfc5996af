"""The report notebook runs from top to bottom, as a local notebook, on small data."""

import json
import os
import shutil
from pathlib import Path

import keras
import nbformat
import pytest
from nbclient import NotebookClient
from tests.support.networks import colorful_unet

from colorization.config import Evaluation
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.data.sources import find_photos
from colorization.evaluation.eval_sets import load_photos, load_validation
from colorization.evaluation.evaluate import evaluate
from colorization.models import autoencoder

NOTEBOOK = Path(__file__).parents[2] / "kernels" / "report" / "report.ipynb"
RUNS = ("autoencoder", "autoencoder-translation", "unet")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def mounts(records, faces, tmp_path_factory):
    """What the chain leaves, in the folder of inputs: untrained networks, real evaluation."""
    folder = tmp_path_factory.mktemp("input")
    shutil.copytree(records, folder / "deep-colorization-records")
    shutil.copytree(faces, folder / "deep-colorization-elsewhere")
    model = folder / "deep-colorization-model"
    model.mkdir()
    keras.utils.set_random_seed(0)
    networks = {name: colorful_unet() if name == "unet" else autoencoder(32) for name in RUNS}
    for name, network in networks.items():
        network.save(model / f"{name}.keras")
        history = {"loss": [3.0, 2.0], "val_loss": [4.0, 5.0]}
        (model / f"{name}-history.json").write_text(json.dumps(history))
    (model / "models.json").write_text(json.dumps({"runs": list(RUNS)}))
    results = folder / "deep-colorization-results"
    results.mkdir()
    photos = load_photos(find_photos(faces)[:3], 32)
    sets = {"validation": load_validation(records, 3), "elsewhere": photos}
    statistics = ChromaStatistics.load(records / "statistics.npz")
    evaluate(networks, sets, statistics, Evaluation(figure_photos=1), results)
    return folder


@pytest.fixture(scope="module")
def cells(mounts, tmp_path_factory):
    environment = os.environ | {"KAGGLE_CACHE_MOUNT_FOLDER": str(mounts)}
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    resources = {"metadata": {"path": str(tmp_path_factory.mktemp("working"))}}
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources)
    client.extra_arguments = ["--log-level=ERROR"]
    client.execute(env=environment)
    return {cell["id"]: cell for cell in notebook.cells}


def shown(cell, kind):
    return [output["data"][kind] for output in cell["outputs"] if kind in output.get("data", {})]


def printed(cell):
    return "".join(output.get("text", "") for output in cell["outputs"])


def test_every_figure_that_the_assignment_asks_for_is_there(cells):
    figures = ("rebuilt", "curves", "five-validation-figure", "five-elsewhere-figure")
    for name in (*figures, "translation-validation", "translation-elsewhere", "unet-figures"):
        assert len(shown(cells[name], "image/png")) == 1, name


def test_shapes_ranges_and_architectures_are_printed(cells):
    assert "x : (15, 32, 32, 1), float32" in printed(cells["pair"])
    assert "a de -86.2 à 98.2" in printed(cells["ranges"])
    assert "12,546,370" in str(cells["figure2-summary"]["outputs"])
    assert "32,235,385" in str(cells["zhang"]["outputs"])


def test_tables_name_every_model_in_french_with_its_interval(cells, mounts):
    scores = json.loads((mounts / "deep-colorization-results" / "results.json").read_text())
    for name, photos in (("metrics-validation", "validation"), ("metrics-elsewhere", "elsewhere")):
        (table,) = shown(cells[name], "text/markdown")
        mse = scores["scores"][photos]["gray"]["ab_mse"]
        mean, low, high = (f"{mse[key]:.1f}".replace(".", ",") for key in ("mean", "low", "high"))
        assert f"| gris | {mean} [{low}\u202f;\u202f{high}]" in table
        assert "| auto-encodeur, translations |" in table
