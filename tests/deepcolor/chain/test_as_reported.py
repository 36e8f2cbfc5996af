"""The chain on a stand-in that plays what users report of Kaggle, all of it together."""

import json

import pytest
from tests.support.chain_checks import USER, count_incomplete_versions, find_errors, versions
from tests.support.fault_trials import Bench
from tests.support.tiny_project import read_json, write_project

import kaggle_local
from kaggle_local import Limits

OURS = ("deep-colorization-code", "deep-colorization-photos", "tiny-records", "tiny-results")


@pytest.fixture
def bench(tmp_path):
    limits = Limits(processing_seconds=2.0)
    kaggle_local.connect(tmp_path / "state", limits=limits, idle_exit=600, as_reported=True)
    bench = Bench(tmp_path)
    yield bench
    bench.close()


@pytest.mark.slow
def test_the_chain_ends_the_same_and_uploads_nothing_twice(bench):
    for number in (1, 2):  # the second revision meets stale versions, not empty mounts
        write_project(bench.project, bench.proxy.url, number)
        assert bench.run() == ("finished", "")
        wrong = find_errors(bench.state, bench.project, number)
        assert wrong == [] and count_incomplete_versions(bench.state) == 0
    assert {slug: len(versions(bench.state, slug)) for slug in OURS} == {
        "deep-colorization-code": 1,
        "deep-colorization-photos": 1,
        "tiny-records": 2,
        "tiny-results": 2,
    }
    # Also no bytes twice: each announced upload was sent once, and became a part of a version.
    lines = (bench.state / "requests.jsonl").read_text().splitlines()
    sent = [entry["path"] for entry in map(json.loads, lines) if entry["method"] == "PUT"]
    assert len(sent) == len(set(sent)) == len(list((bench.state / "blobs").iterdir()))
    uploads = [read_json(blob / "blob.json")["name"] for blob in (bench.state / "blobs").iterdir()]
    # Two revisions have two versions of records and results; code and photos were sent once.
    assert {name: uploads.count(name) for name in ("photos.zip", "REVISION", "sizes.json")} == {
        "photos.zip": 1,
        "REVISION": 1,
        "sizes.json": 2,
    }
    log = (bench.project / "build" / "local" / "logs" / "make.log").read_text()
    assert "published" in log and "Kaggle Cache" not in log
    # The first kernel that mounts a version finds it missing, and is pushed again.
    runs = bench.state / "kernels" / USER / "tiny-use" / "versions"
    assert len(list(runs.iterdir())) == 4
