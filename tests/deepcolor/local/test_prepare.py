import hashlib
import shutil
import sys

import pytest
from typer.testing import CliRunner

from colorization.config import Preparation
from colorization.data.prepare import write_records
from colorization.data.sources import open_sources
from colorization.data.splits import split_photos
from colorization.data.tfrecords import load_info
from deepcolor import cli
from deepcolor.errors import DeepColorError
from deepcolor.local.prepare import prepare_photos, write_records_on_beam

CONFIG = Preparation(image_size=32, shard_examples=4, max_bad=0.2)


@pytest.fixture
def splits(faces, tmp_path):
    shutil.copytree(faces, tmp_path / "photos")
    (tmp_path / "photos" / "bad.jpg").write_bytes(b"nothing")
    return split_photos(open_sources([tmp_path / "photos"], tmp_path)[0], 0.25)


def digests(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_command_prepares_photos_and_names_the_bad_ones(faces, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "bad.jpg").write_bytes(b"nothing")
    sources = [str(faces), str(tmp_path / "more")]
    command = ["prepare", *sources, "-o", str(tmp_path / "out"), "--image-size", "64"]
    command += ["--crop", "center", "--shard-examples", "5", "--validation-fraction", "0.5"]
    done = CliRunner().invoke(cli.app, command)
    assert done.exit_code == 0 and "unreadable: bad.jpg" in done.output
    info = load_info(tmp_path / "out")
    assert 5 < info.count("validation") < 15
    assert max(shard.photos for shard in info.splits["train"]) == 5
    assert info.image_size == 64 and info.count("train") + info.count("validation") == 20


def test_too_many_unreadable_photos_are_an_error(faces, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"nothing")
    with pytest.raises(DeepColorError, match="1 of 21 photos cannot be read"):
        prepare_photos([faces, tmp_path], tmp_path / "out", Preparation(32, max_bad=0.0))


@pytest.mark.filterwarnings("ignore")
def test_invalid_settings_are_an_error(faces, tmp_path):
    command = ["prepare", str(faces), "-o", str(tmp_path), "--crop", "left"]
    assert "`crop`" in str(CliRunner().invoke(cli.app, command).exception)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_folder_is_prepared_on_beam(faces, tmp_path):
    summary = prepare_photos([faces], tmp_path, Preparation(32), beam="--direct_num_workers=1")
    assert summary.endswith(f"in {tmp_path}") and (tmp_path / "info.json").is_file()


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


def test_without_beam_the_command_names_the_extra(faces, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    command = ["prepare", str(faces), "-o", str(tmp_path), "--beam", "--runner=DirectRunner"]
    error = CliRunner().invoke(cli.app, command).exception
    assert isinstance(error, DeepColorError)
    assert "pip install 'deep-colorization[beam]'" in str(error)
