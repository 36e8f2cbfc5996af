import json
import re
import subprocess
import sys
from math import ceil
from pathlib import Path

import pytest
from kagglehub.gcs_upload import MAX_FILES_TO_UPLOAD

from colorization.kaggle.paths import PUSH_AGAIN
from deepcolor.chain.graph import NEUTRAL_OWNER, read_stages

ROOT = Path(__file__).parents[2]
STAGES = {stage.name: stage for stage in read_stages(ROOT)}
FOREIGN = {"jessicali9530/celeba-dataset"}
DATASETS = [
    json.loads(path.read_text())
    for path in ROOT.glob("**/dataset-metadata.json")
    if "build" not in path.parts and ".venv" not in path.parts
]


def slugify(title):
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def test_the_graph_is_the_one_that_is_drawn():
    assert list(STAGES) == ["prepare", "train", "evaluate", "report"]
    made = {name: stage.dataset and stage.dataset["id"] for name, stage in STAGES.items()}
    short = {
        name: made[name] and made[name].removeprefix("kaggle-username/deep-colorization-")
        for name in made
    }
    assert short == {"prepare": "records", "train": "model", "evaluate": "results", "report": None}
    assert made["prepare"] in STAGES["train"].sources
    assert made["train"] in STAGES["evaluate"].sources
    assert made["evaluate"] in STAGES["report"].sources


@pytest.mark.parametrize("name", STAGES)
def test_kernel_metadata_keep_kaggles_rules(name):
    kernel = STAGES[name].kernel
    owner, slug = kernel["id"].split("/")
    assert owner == NEUTRAL_OWNER
    assert slugify(kernel["title"]) == slug and slug.endswith(f"-{name}")
    assert kernel["is_private"] is True
    assert kernel["kernel_type"] == ("notebook" if name == "report" else "script")
    for source in STAGES[name].sources:
        assert source in FOREIGN or source.startswith(f"{NEUTRAL_OWNER}/deep-colorization-")


def test_only_preparation_has_internet_to_publish_its_records():
    assert [name for name, stage in STAGES.items() if stage.kernel["enable_internet"]] == [
        "prepare"
    ]


def test_only_training_asks_for_a_gpu():
    wanted = {
        name: stage.kernel.get("machine_shape")
        for name, stage in STAGES.items()
        if stage.kernel["enable_gpu"]
    }
    assert wanted == {"train": "NvidiaTeslaT4"}


@pytest.mark.parametrize("metadata", DATASETS, ids=lambda metadata: metadata["id"])
def test_dataset_metadata_keep_kaggles_rules(metadata):
    owner, slug = metadata["id"].split("/")
    assert owner == NEUTRAL_OWNER and slugify(metadata["title"]) == slug
    assert 6 <= len(metadata["title"]) <= 50 and 6 <= len(slug) <= 50
    assert 20 <= len(metadata["subtitle"]) <= 80
    assert len(metadata["licenses"]) == 1


SCRIPTS = [stage for stage in STAGES.values() if stage.code.suffix == ".py"]


def bootstrap(stage):
    text = stage.code.read_text("utf-8")
    start, end = text.index("import os\n"), text.index("sys.path[:0]")
    return text[start : text.index("\n", end)]


def test_every_script_begins_with_the_same_lines():
    assert len({bootstrap(stage) for stage in SCRIPTS}) == 1


def notebook_code():
    cells = json.loads(STAGES["report"].code.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_the_notebook_finds_the_projects_code_in_the_same_lines():
    lines = bootstrap(SCRIPTS[0])
    search = lines[lines.index("CODE =") : lines.index("if not FOUND")]
    assert search in notebook_code() and search.count("\n") == 6


def test_the_notebook_at_the_end_of_the_chain_waits_for_inputs_that_are_late(tmp_path):
    cells = json.loads(STAGES["report"].code.read_text("utf-8"))["cells"]
    settings = "".join(next(cell["source"] for cell in cells if cell["id"] == "settings"))
    code = settings.replace("CHAIN = {}", 'CHAIN = {"fingerprint": "abc"}')
    code += "\nmonte('deep-colorization-model', 'autoencoder.keras')"
    environment = {"KAGGLE_CACHE_MOUNT_FOLDER": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 1 and PUSH_AGAIN in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "layout",
    ["{}", "datasets/alice/{}", "{}/versions/10", "datasets/alice/{}/versions/10"],
)
def test_the_notebook_finds_a_file_in_every_layout_of_mounts(tmp_path, layout):
    folder = tmp_path / layout.format("some-photos")
    if "versions" in layout:
        (folder.parent / "9").mkdir(parents=True)
        (folder.parent / "9" / "one.keras").touch()
    folder.mkdir(parents=True)
    (folder / "one.keras").touch()
    cells = json.loads(STAGES["report"].code.read_text("utf-8"))["cells"]
    code = "".join(next(cell["source"] for cell in cells if cell["id"] == "settings"))
    code += "\nprint(monte('some-photos', 'one.keras'), monte('some-photos').parent)"
    environment = {"KAGGLE_CACHE_MOUNT_FOLDER": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.stdout.split() == [str(folder / "one.keras"), str(folder)], done.stderr


def run_bootstrap(folder, *options, chain="{}"):
    """Run the first lines of a kernel with the inputs in a folder; print where code comes from."""
    code = bootstrap(STAGES["prepare"]).replace("CHAIN = {}", f"CHAIN = {chain}")
    code += "\nprint(sys.path[0])"
    environment = {"KAGGLE_CACHE_MOUNT_FOLDER": str(folder)}
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.mark.parametrize(
    "layout",
    [
        ["deep-colorization-code"],
        ["datasets/alice/deep-colorization-code"],
        [f"datasets/alice/deep-colorization-code/versions/{number}" for number in (2, 9, 10)],
        [f"deep-colorization-code/versions/{number}" for number in (1, 2)],
    ],
)
def test_a_kernel_finds_its_code_in_every_layout_of_mounts(tmp_path, layout):
    for place in layout:
        (tmp_path / place / "src").mkdir(parents=True)
    done = run_bootstrap(tmp_path, "-S")
    assert done.stdout.strip() == str(tmp_path / layout[-1] / "src"), done.stderr


@pytest.mark.parametrize(
    ("options", "chain"), [(["-I", "-S"], "{}"), ([], '{"fingerprint": "abc"}')]
)
def test_a_kernel_without_its_code_says_which_dataset_to_add(tmp_path, options, chain):
    (tmp_path / "deep-colorization-code").mkdir()  # a mount that is empty still
    done = run_bootstrap(tmp_path, *options, chain=chain)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"FileNotFoundError: deep-colorization-code is not mounted in {tmp_path}: "
        f"add this dataset to the kernel's inputs, or {PUSH_AGAIN}"
    )


def test_a_kernel_that_was_not_staged_runs_where_the_code_is_installed(tmp_path):
    done = run_bootstrap(tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_records_of_celeba_are_as_many_files_as_a_kernel_can_upload():
    photos = int(re.search(r"shard_examples=(\d+)", STAGES["prepare"].code.read_text())[1])
    shards = ceil(0.9 * 202_599 / photos) + ceil(0.1 * 202_599 / photos)
    others = ("info.json", "statistics.npz", "problems.jsonl", "example.png", "manifest.json")
    assert shards + len(others) <= MAX_FILES_TO_UPLOAD


@pytest.mark.parametrize("name", ["prepare", "train", "evaluate"])
def test_a_kernel_is_a_page(name):
    code = STAGES[name].code.read_text("utf-8")
    assert code.count("\n") <= 80
    assert all(f"{field}: " in code for field in ("Title", "Description", "Inputs", "Outputs"))
    assert "def " not in code and "__main__" not in code
