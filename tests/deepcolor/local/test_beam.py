import hashlib
import shutil

import pytest

from colorization.config import Preparation
from colorization.data.prepare import write_records
from colorization.data.sources import open_sources
from colorization.data.splits import split_photos
from deepcolor.errors import DeepColorError
from deepcolor.local.beam import write_records_on_beam

CONFIG = Preparation(image_size=32, shard_examples=4, max_bad=0.2)


@pytest.fixture
def splits(faces, tmp_path):
    shutil.copytree(faces, tmp_path / "photos")
    (tmp_path / "photos" / "bad.jpg").write_bytes(b"nothing")
    return split_photos(open_sources([tmp_path / "photos"], tmp_path)[0], 0.25)


def digests(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "options",
    [[], ["--direct_num_workers=2", "--direct_running_mode=multi_processing"]],
    ids=["one process", "two processes"],
)
def test_a_beam_pipeline_writes_the_same_bytes(splits, tmp_path, options):
    write_records(splits, tmp_path / "local", CONFIG)
    info = write_records_on_beam(splits, tmp_path / "beam", CONFIG, [], options)
    assert info.problems == {"unreadable": 1}
    assert digests(tmp_path / "beam") == digests(tmp_path / "local")


def test_without_beam_it_says_what_to_install(splits, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "apache_beam", None)
    with pytest.raises(DeepColorError, match=r"pip install '\.\[beam\]'"):
        write_records_on_beam(splits, tmp_path, CONFIG, [])
