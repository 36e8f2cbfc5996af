import json

import pytest

from colorization.data.record_info import RecordInfo, Shard, read_info, save_info

INFO = RecordInfo(
    32,
    {"train": [Shard("a.tfrecord", 3, 99, "ff")], "validation": [Shard("b.tfrecord", 1, 9, "f")]},
    {"duplicate": 1},
)


def test_a_description_comes_back_as_it_was(tmp_path):
    save_info(tmp_path, INFO)
    assert read_info(tmp_path) == INFO


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "7", '"text"', "[" * 100_000, '{"format": 2}', "\udcff"]
)
def test_what_is_no_description_is_named(tmp_path, text):
    (tmp_path / "info.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=r"info\.json does not describe records"):
        read_info(tmp_path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("image_size",), "32"),
        (("image_size",), 31),
        (("image_size",), 10**9),
        (("image_size",), True),
        (("splits",), []),
        (("splits",), {"train": []}),
        (("problems",), None),
        (("splits", "train"), None),
        (("splits", "train", 0), {"file": "a.tfrecord"}),
        (("splits", "train", 0, "file"), "../a.tfrecord"),
        (("splits", "train", 0, "file"), "/etc/passwd"),
        (("splits", "train", 0, "file"), 7),
        (("splits", "train", 0, "photos"), -1),
        (("splits", "train", 0, "photos"), 1.5),
        (("splits", "train", 0, "size"), "99"),
    ],
)
def test_an_odd_value_is_named(tmp_path, path, value):
    save_info(tmp_path, INFO)
    stated = json.loads((tmp_path / "info.json").read_text())
    *inside, last = path
    place = stated
    for name in inside:
        place = place[name]
    place[last] = value
    (tmp_path / "info.json").write_text(json.dumps(stated))
    with pytest.raises(ValueError, match=r"info\.json does not describe records"):
        read_info(tmp_path)
