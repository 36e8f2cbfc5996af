import pytest
from typer.testing import CliRunner

from colorization.records import load_info
from deepcolor import cli
from deepcolor.errors import DeepColorError
from deepcolor.preparing import prepare_photos


def test_the_command_prepares_photos_and_names_the_bad_ones(faces, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "bad.jpg").write_bytes(b"nothing")
    sources = [str(faces), str(tmp_path / "more")]
    command = ["prepare", *sources, "-o", str(tmp_path / "out"), "--image-size", "64"]
    done = CliRunner().invoke(cli.app, [*command, "--crop", "centre"])
    assert done.exit_code == 0 and "unreadable: bad.jpg" in done.output
    info = load_info(tmp_path / "out")
    assert info.image_size == 64 and info.count("train") + info.count("validation") == 20


@pytest.mark.parametrize(
    ("crop", "max_bad", "reason"), [("left", 0.5, "`crop`"), ("squash", 0.0, "1 of 21")]
)
def test_what_cannot_be_prepared_is_told(faces, tmp_path, crop, max_bad, reason):
    (tmp_path / "bad.jpg").write_bytes(b"nothing")
    with pytest.raises(DeepColorError, match=reason):
        prepare_photos([faces, tmp_path], tmp_path / "out", 32, crop, max_bad, 1)
