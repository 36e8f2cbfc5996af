import pytest
from typer.testing import CliRunner

from colorization.config import Preparation
from colorization.data.tfrecords import load_info
from deepcolor import cli
from deepcolor.errors import DeepColorError
from deepcolor.local.prepare import prepare_photos


def test_the_command_prepares_photos_and_names_the_bad_ones(faces, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "bad.jpg").write_bytes(b"nothing")
    sources = [str(faces), str(tmp_path / "more")]
    command = ["prepare", *sources, "-o", str(tmp_path / "out"), "--image-size", "64"]
    done = CliRunner().invoke(cli.app, [*command, "--crop", "center", "--shard-examples", "5"])
    assert done.exit_code == 0 and "unreadable: bad.jpg" in done.output
    info = load_info(tmp_path / "out")
    assert max(shard.photos for shard in info.splits["train"]) == 5
    assert info.image_size == 64 and info.count("train") + info.count("validation") == 20


def test_too_many_bad_photos_are_told(faces, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"nothing")
    with pytest.raises(DeepColorError, match="1 of 21 photos cannot be read"):
        prepare_photos([faces, tmp_path], tmp_path / "out", Preparation(32, max_bad=0.0))


@pytest.mark.filterwarnings("ignore")
def test_settings_that_make_no_sense_are_told(faces, tmp_path):
    command = ["prepare", str(faces), "-o", str(tmp_path), "--crop", "left"]
    assert "`crop`" in str(CliRunner().invoke(cli.app, command).exception)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_beam_pipeline_can_do_it(faces, tmp_path):
    said = prepare_photos([faces], tmp_path, Preparation(32), beam="--direct_num_workers=1")
    assert "photos" not in said and str(tmp_path) in said and (tmp_path / "info.json").is_file()
