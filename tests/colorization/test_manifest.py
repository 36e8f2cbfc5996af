import json
import math

import pytest

from colorization.config import Training
from colorization.manifest import code_revision, read_manifest, save_json, write_manifest


def test_a_manifest_tells_what_made_an_output_from_what(tmp_path):
    first, second = tmp_path / "records", tmp_path / "model"
    first.mkdir(), second.mkdir()
    write_manifest(first, "prepare", Training(), {})
    write_manifest(second, "train", [Training(epochs=3)], {"records": first, "raw": tmp_path})
    manifest = read_manifest(second)
    assert manifest["stage"] == "train" and manifest["config"][0]["epochs"] == 3
    assert manifest["inputs"] == {"records": read_manifest(first), "raw": None}
    assert set(manifest["versions"]) >= {"python", "keras", "tensorflow"}


def test_another_revision_than_the_one_staged_for_is_refused():
    assert code_revision() == "unstaged"
    with pytest.raises(RuntimeError, match="unstaged.*staged for abc"):
        code_revision("abc")


def test_json_is_written_whole_or_not_at_all(tmp_path):
    target = tmp_path / "x.json"
    save_json(target, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        save_json(target, {"a": math.nan})
    assert json.loads(target.read_text()) == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
