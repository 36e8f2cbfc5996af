"""The smallest chain under throw-away names: on the stand-in, and with `-m real_kaggle` there."""

import json
import os
import secrets
from contextlib import suppress

import pytest
from kagglesdk.datasets.types.dataset_api_service import ApiDeleteDatasetRequest
from kagglesdk.kernels.types.kernels_api_service import ApiDeleteKernelRequest
from rich.console import Console
from tests.support.tiny_project import write_project

import kaggle_local
from deepcolor.chain.runner import Chain
from deepcolor.chain.staging import stage_chain
from deepcolor.kaggle.connect import local_environment, open_client
from deepcolor.kaggle.request_errors import KaggleError


@pytest.fixture(params=["stand-in", pytest.param("kaggle", marks=pytest.mark.real_kaggle)])
def client(request, tmp_path):
    if request.param == "kaggle":
        if "real_kaggle" not in request.config.option.markexpr:
            pytest.skip("it runs on Kaggle: ask for it with -m real_kaggle")
        try:
            yield open_client(os.environ, poll=15)
        except KaggleError as error:
            if error.status != 401:
                raise
            pytest.skip("there are no credentials for Kaggle")
        return
    yield open_client(local_environment(kaggle_local.connect(tmp_path / "state")), poll=0.5)
    kaggle_local.stop(tmp_path / "state")


@pytest.fixture
def project(tmp_path):
    """The tiny project with names that nobody uses, and the first part of these names."""
    folder, prefix = tmp_path / "project", f"chain-test-{secrets.token_hex(3)}"
    write_project(folder, "", 1)
    title = prefix.replace("-", " ").title()
    names = {"deep-colorization-": f"{prefix}-", "tiny-": f"{prefix}-"}
    names |= {"Deep Colorization ": f"{title} ", "Tiny ": f"{title} "}
    for file in (*folder.rglob("*.py"), *folder.rglob("*.json")):
        text = file.read_text()
        for old, new in names.items():
            text = text.replace(old, new)
        file.write_text(text)
    return folder, prefix


def test_the_smallest_chain_runs_to_its_end_and_leaves_nothing(client, project, tmp_path):
    folder, prefix = project
    photos = f"{client.username}/{prefix}-photos"
    try:
        send_photos(client, photos, folder)
        staged = stage_chain(folder, tmp_path / "build", client.username, [photos])
        Chain(client, staged, tmp_path / "build" / "run", Console()).run()
        sizes = client.dataset_json(f"{client.username}/{prefix}-results", "sizes.json")
        files = client.dataset_files(f"{client.username}/{prefix}-records")
        assert {name: files[name] for name in sizes} == sizes
    finally:
        delete_all(client, prefix)
    assert client.dataset_version(photos) is None


def send_photos(client, handle, folder):
    metadata = {"id": handle, "licenses": [{"name": "CC0-1.0"}]}
    metadata["title"] = handle.split("/")[1].replace("-", " ").title()
    (folder / "photos" / "dataset-metadata.json").write_text(json.dumps(metadata))
    client.upload_dataset(folder / "photos", "", new=True)
    while client.wait_until_ready(handle) is None:  # not visible yet
        client.retry.wait(1)


def delete_all(client, prefix):
    for name in ("make", "use", "report"):
        request = ApiDeleteKernelRequest()
        request.user_name, request.kernel_slug = client.username, f"{prefix}-{name}"
        with suppress(Exception):  # what does not exist cannot be deleted
            client._kernels.delete_kernel(request)
    for name in ("code", "photos", "records", "results"):
        request = ApiDeleteDatasetRequest()
        request.owner_slug, request.dataset_slug = client.username, f"{prefix}-{name}"
        with suppress(Exception):
            client._datasets.delete_dataset(request)
