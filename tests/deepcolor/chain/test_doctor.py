"""What `deepcolor doctor` finds on a stand-in."""

import json

import pytest
from tests.support.tiny_project import write_project

import kaggle_local
from deepcolor.chain.doctor import examine
from deepcolor.kaggle import Service
from kaggle_local import Limits


@pytest.fixture
def project(tmp_path):
    """The tiny project beside a stand-in that grants no GPU hours."""
    folder = tmp_path / "project"
    write_project(folder, "", 1)
    state = folder / "build" / "kaggle_local"
    kaggle_local.connect(state, limits=Limits(gpu_hours=0.0), idle_exit=120)
    yield folder
    kaggle_local.stop(state)


def change(project, **fields):
    file = project / "kernels" / "use" / "kernel-metadata.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def test_everything_that_a_run_needs_is_checked(project):
    found = {item.check: item for item in examine(project, Service.LOCAL, [project / "photos"])}
    assert list(found) == ["clients", "names", "token", "GPU", "photos"]
    assert all(item.ok for item in found.values())
    assert "kagglesdk" in found["clients"].text and "local-kaggler" in found["token"].text


def test_missing_gpu_hours_and_photos_are_told(project):
    change(project, enable_gpu=True)
    found = {item.check: item for item in examine(project, Service.LOCAL, ["nobody/no-photos"])}
    assert not found["GPU"].ok and "verify your phone number" in found["GPU"].text
    assert not found["photos"].ok and "nobody/no-photos: no such dataset" in found["photos"].text


def test_a_title_that_does_not_fit_ends_the_checks(project):
    change(project, title="Another title")
    *_, last = examine(project, Service.LOCAL, [])
    assert not last.ok and "another-title" in last.text and "kernel-metadata.json" in last.text


def test_a_service_that_cannot_be_reached_ends_the_checks(project):
    checks = examine(project, Service.LOCAL, ["nobody/no-photos"])
    assert [next(checks).check for _ in range(3)] == ["clients", "names", "token"]
    kaggle_local.stop(project / "build" / "kaggle_local")
    (last,) = checks
    assert last.check == "Kaggle" and not last.ok and "cannot be reached" in last.text
