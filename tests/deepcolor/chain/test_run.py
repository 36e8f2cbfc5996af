"""Downloading the best model from the datasets that a chain has published."""

import json

import pytest
from rich.console import Console

import kaggle_local
from deepcolor.chain.run import download_model
from deepcolor.errors import DeepColorError
from deepcolor.kaggle.connect import local_environment, open_client


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    yield open_client(local_environment(kaggle_local.connect(state, idle_exit=120)), poll=0.5)
    kaggle_local.stop(state)


def publish(client, folder, name, files):
    folder = folder / name
    folder.mkdir()
    handle = f"{client.username}/deep-colorization-{name}"
    metadata = {"id": handle, "title": f"Deep colorization {name}"}
    metadata |= {"licenses": [{"name": "other"}]}
    (folder / "dataset-metadata.json").write_text(json.dumps(metadata))
    for file, content in files.items():
        (folder / file).write_text(content)
    client.upload_dataset(folder, "", new=client.dataset_version(handle) is None)
    client.wait_until_ready(handle)


def test_the_best_model_is_the_one_that_the_results_name(client, tmp_path):
    with pytest.raises(DeepColorError, match=r"does not say which model is best.*deepcolor run"):
        download_model(client, tmp_path, Console())
    publish(client, tmp_path, "model", {"unet.keras": "good", "autoencoder.keras": "fair"})
    publish(client, tmp_path, "results", {"results.json": json.dumps({"best": "unet"})})
    model = download_model(client, tmp_path / "build", Console(), install=False)
    assert model == tmp_path / "build" / "model" / "unet.keras"
    assert model.read_text() == "good"
