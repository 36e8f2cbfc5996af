"""The report notebook: the assignment's calls, the committed outputs, whole runs."""

import ast
import json
import os
import re
import shutil
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from tests.support.networks import colorful_unet

import kaggle_local
from colorization.config import Evaluation
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.data.sources import find_photos
from colorization.evaluation.eval_sets import load_photos, load_validation
from colorization.evaluation.evaluate import evaluate
from colorization.models import autoencoder

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "kernels" / "report" / "report.ipynb"
HIDE_PACKAGES = Path(kaggle_local.__file__).parent / "runner" / "hide_packages.py"
COMMITTED = nbformat.read(NOTEBOOK, as_version=4).cells
RUNS = ("autoencoder", "autoencoder-translation", "unet")
# Every function that the assignment names; of a dotted one, the name may be imported.
NAMED = (
    "image_dataset_from_directory", "plt.imshow", "next", "iter", "map", "Resizing", "rgb2lab",
    "ensure_shape", "py_function", "concatenate", "expand_dims", "lab2rgb", "reconstituer_image",
    "Sequential", "Rescaling", "Conv2D", "Conv2DTranspose", "BatchNormalization", "compile",
    "summary", "fit", "coloriser", "imread", "RandomTranslation", "save",
)  # fmt: skip
PROJECT = ("colorization", "deepcolor", "kaggle_local")


def code_of(cell):
    """The Python of a cell, without IPython's magics."""
    lines = [line for line in cell.source.splitlines() if not line.startswith("%")]
    return ast.parse("\n".join(lines))


def code_nodes(cells):
    return [n for c in cells if c.cell_type == "code" for n in ast.walk(code_of(c))]


def calls():
    return [node for node in code_nodes(COMMITTED) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("name", NAMED)
def test_each_function_that_the_assignment_names_is_called(name):
    called = [ast.unparse(call.func) for call in calls()]
    assert any(f".{found}".endswith(f".{name}") for found in called)


def keywords(name):
    found = [call for call in calls() if ast.unparse(call.func).endswith(f".{name}")]
    return [{k.arg: ast.unparse(k.value) for k in call.keywords} for call in found]


def test_calls_have_the_assignments_arguments():
    assert [k["subset"] for k in keywords("image_dataset_from_directory")] == [
        "'training'",
        "'validation'",
    ]
    assert all("validation_data" in k for k in keywords("fit")) and len(keywords("fit")) == 2
    assert keywords("compile") == 2 * [{"optimizer": "'adam'", "loss": "'mse'"}]
    (moved,) = [call for call in calls() if ast.unparse(call.func).endswith("RandomTranslation")]
    assert [ast.literal_eval(argument) for argument in moved.args] == [0.2, 0.2]


def test_the_project_is_imported_in_the_part_on_the_pipeline_only():
    names = [cell.id for cell in COMMITTED]
    before = code_nodes(COMMITTED[: names.index("pipeline")])
    imported = [n.module or "" for n in before if isinstance(n, ast.ImportFrom)]
    imported += [a.name for n in before if isinstance(n, ast.Import) for a in n.names]
    assert len(imported) > 10
    assert not [name for name in imported if name.split(".")[0] in PROJECT]


def test_code_cells_are_short():
    lines = {c.id: c.source.count("\n") + 1 for c in COMMITTED if c.cell_type == "code"}
    assert max(lines.values()) <= 60 and sorted(lines.values())[len(lines) // 2] <= 16


def data_of(cell):
    return [output["data"] for output in cell.get("outputs", []) if "data" in output]


def test_outputs_are_committed_without_an_error_and_stay_small():
    code = [cell for cell in COMMITTED if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output["output_type"] for cell in code for output in cell.outputs}
    assert kinds <= {"stream", "display_data", "execute_result"}
    assert not [o for cell in code for o in cell.outputs if o.get("name") == "stderr"]
    assert NOTEBOOK.stat().st_size < 3e6


def draws(cell):
    return cell.cell_type == "code" and re.search(
        r"^ *(montre|courbes|plt\.show)\(", cell.source, re.M
    )


def test_every_figure_has_a_legend_and_they_are_numbered():
    figures = [index + 1 for index, cell in enumerate(COMMITTED) if draws(cell)]
    legends = [COMMITTED[i].source for i in figures if "def montre" not in COMMITTED[i - 1].source]
    numbers = [re.match(r"\*\*\*Figure (\d+)\.\*\*", legend) for legend in legends]
    assert [int(number[1]) for number in numbers] == list(range(1, 16))


def test_text_shows_no_raw_mathematics_and_no_script():
    text = "".join(cell.source for cell in COMMITTED if cell.cell_type == "markdown")
    shown = "".join(str(data) for cell in COMMITTED for data in data_of(cell))
    assert "$" not in text and "<script" not in text + shown


def execute(folder, only=None, more="", **variables):
    """Run the notebook, or some cells of it and more code, in a folder; return its cells by id."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PHOTOS", "AILLEURS")}
    folder.mkdir()
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    if only:
        notebook.cells = [cell for cell in notebook.cells if cell.id in only]
        notebook.cells.append(nbformat.v4.new_code_cell(more, id="more"))
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=900, kernel_name="python3", resources=resources)
    client.extra_arguments = ["--log-level=ERROR"]
    client.execute(env=environment | {name: str(value) for name, value in variables.items()})
    return {cell["id"]: cell for cell in notebook.cells}


def shown(cell, kind):
    return [data[kind] for data in data_of(cell) if kind in data]


def printed(cell):
    return "".join(output.get("text", "") for output in cell["outputs"])


@pytest.fixture(scope="module")
def alone(faces, tmp_path_factory):
    """Run on a bare folder of photos, one of them broken, where the project is not installed."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copytree(faces, folder / "photos")
    (folder / "photos" / "broken.jpg").write_bytes(b"not a photo")
    (folder / "hide").mkdir()
    shutil.copy(HIDE_PACKAGES, folder / "hide" / "sitecustomize.py")
    hidden = {"folder": str(ROOT / "src"), "packages": PROJECT}
    (folder / "hide" / "hidden.json").write_text(json.dumps(hidden))
    return execute(
        folder / "work",
        PHOTOS=folder / "photos",
        PYTHONPATH=folder / "hide",
        KAGGLE_CACHE_MOUNT_FOLDER=folder / "nothing",
    )


@pytest.mark.slow
def test_it_runs_alone_on_a_folder_of_photos_without_the_project(alone):
    assert "Using 17 files for training." in printed(alone["datasets-made"])
    assert "Epoch 10/10" in printed(alone["fit"])
    assert "Epoch 10/10" in printed(alone["translation-fit"])
    (table,) = shown(alone["comparison-table"], "text/markdown")
    assert table.count("**") == 4
    assert "ni monté ni installé" in printed(alone["project"])
    assert not shown(alone["gallery"], "image/jpeg")


@pytest.mark.slow
def test_records_made_alone_keep_the_validation_photos_of_the_trainings(faces, tmp_path):
    more = """
from colorization.evaluation.eval_sets import load_validation
stored = load_validation(RECORDS, 1000).names
learned = {photo.name for photo in parts["train"]}
kept = {path.name for path in reservees}
print(len(stored), kept.issuperset(stored), learned.isdisjoint(kept))
"""
    cells = execute(
        tmp_path / "work",
        only=("settings", "imports", "unzip", "datasets-made", "project", "records"),
        more=more,
        PHOTOS=faces,
        KAGGLE_CACHE_MOUNT_FOLDER=tmp_path / "nothing",
    )
    assert re.fullmatch(r"[1-9]\d* True True\n", printed(cells["more"]))


@pytest.fixture(scope="module")
def mounts(records, faces, tmp_path_factory):
    """What the chain leaves, in the folder of inputs: untrained networks, real evaluation."""
    folder = tmp_path_factory.mktemp("input")
    shutil.copytree(records, folder / "deep-colorization-records")
    shutil.copytree(faces, folder / "celeba-dataset")
    shutil.copytree(faces, folder / "deep-colorization-elsewhere")
    model = folder / "deep-colorization-model"
    model.mkdir()
    keras.utils.set_random_seed(0)
    networks = {name: colorful_unet() if name == "unet" else autoencoder() for name in RUNS}
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
    working = tmp_path_factory.mktemp("working") / "here"
    return execute(working, KAGGLE_CACHE_MOUNT_FOLDER=mounts)


@pytest.mark.slow
def test_at_the_end_of_the_chain_trainings_are_loaded_and_the_cell_says_so(cells):
    for name, cell in (("autoencoder", "fit"), ("autoencoder-translation", "translation-fit")):
        assert f"{name} : chargé de" in printed(cells[cell])
        assert "Epoch" not in printed(cells[cell])
    assert "entraînement 2.0, validation 5.0" in printed(cells["curves"])


@pytest.mark.slow
def test_at_the_end_of_the_chain_the_errors_are_of_the_photos_that_trainings_kept_aside(
    cells, records
):
    assert "deep-colorization-records" in printed(cells["chain-validation"])
    resized = keras.layers.Resizing(128, 128)
    photos = load_validation(records, 100).photos
    gray = np.mean([np.mean(resized(photo).numpy()[..., 1:] ** 2) for photo in photos])
    (table,) = shown(cells["comparison-table"], "text/markdown")
    assert f"| gris | {gray:.1f} |".replace(".", ",") in table.replace("**", "")


@pytest.mark.slow
def test_every_figure_that_the_assignment_asks_for_is_there(cells):
    figures = ("rebuilt", "curves", "five-validation-figure", "five-elsewhere-figure")
    for name in (*figures, "translation-validation", "translation-elsewhere", "unet-figure"):
        assert len(shown(cells[name], "image/jpeg")) == 1, name


@pytest.mark.slow
def test_shapes_ranges_and_architectures_are_printed(cells):
    assert "x : (128, 128, 1), float32" in printed(cells["pair"])
    assert "a de -86.2 à 98.2" in printed(cells["ranges"])
    assert "12,546,370" in str(cells["figure2-summary"]["outputs"])
    assert "zhang : 32\u202f235\u202f385 paramètres" in printed(cells["networks"])


@pytest.mark.slow
def test_records_hold_what_the_assignments_calls_give(cells):
    found = re.search(r"plus grand écart (\d+) sur 255", printed(cells["same"]))
    assert int(found[1]) <= 3


@pytest.mark.slow
def test_tables_name_every_model_in_french_with_its_interval(cells, mounts):
    scores = json.loads((mounts / "deep-colorization-results" / "results.json").read_text())
    for name, photos in (("metrics-validation", "validation"), ("metrics-elsewhere", "elsewhere")):
        (table,) = shown(cells[name], "text/markdown")
        mse = scores["scores"][photos]["gray"]["ab_mse"]
        mean, low, high = (f"{mse[key]:.1f}".replace(".", ",") for key in ("mean", "low", "high"))
        assert re.search(rf"\| gris \| (\*\*)?{mean}(\*\*)? \[{low}\u202f; {high}\]", table)
        assert "| figure 2, translations |" in table
        assert table.count("**") == 8
