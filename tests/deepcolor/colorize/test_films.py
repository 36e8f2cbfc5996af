import io
import subprocess
import sys

import keras
import numpy as np
import pytest
from rich.console import Console

from deepcolor.colorize.batch import colorize_files
from deepcolor.colorize.plan import ColorizeOptions

imageio = pytest.importorskip("imageio.v2")
ffmpeg = pytest.importorskip("imageio_ffmpeg")
# imageio leaves the pipes of its ffmpeg to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "red.keras"
    inputs = keras.Input((32, 32, 1))
    both = keras.layers.Concatenate()([inputs, inputs])
    keras.Model(inputs, keras.layers.Rescaling(0.0, offset=[40, 10])(both)).save(path)
    return path


def record(path, seconds=1, size="60x45", sound=True):
    """A gray test film of ffmpeg's own, with or without a tone."""
    command = [ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    command += ["-f", "lavfi", "-i", f"testsrc=duration={seconds}:size={size}:rate=10,hue=s=0"]
    command += ["-f", "lavfi", "-i", f"sine=duration={seconds}", "-shortest"] if sound else []
    subprocess.run([*command, "-pix_fmt", "yuv444p", path], check=True)
    return path


def colorize(source, target, model, **options):
    printed = io.StringIO()
    console = Console(file=printed, width=300)
    failed = colorize_files(
        [str(source)], target and str(target), ColorizeOptions(model, **options), console
    )
    return failed, printed.getvalue()


@pytest.mark.parametrize(("name", "result"), [("film.mp4", "film.mp4"), ("film.avi", "film.mkv")])
def test_a_film_keeps_its_size_its_length_and_its_sound(name, result, model, tmp_path):
    source = record(tmp_path / name)
    failed, printed = colorize(source, tmp_path / "out", model)
    assert failed == 0, printed
    before, after = (imageio.get_reader(p, "ffmpeg") for p in (source, tmp_path / "out" / result))
    meta = after.get_meta_data()
    assert meta["fps"] == 10 and "audio_codec" in meta
    # Half a pixel of chroma does not exist: odd sides gain a row.
    assert meta["size"] == (60, 46)
    assert after.count_frames() == pytest.approx(before.count_frames(), abs=1)
    red, _, blue = np.moveaxis(after.get_data(5).astype(int), -1, 0)
    assert (red - blue).mean() > 20


@pytest.mark.parametrize(("options", "colored"), [({}, True), ({"quality": True}, False)])
def test_frames_are_looked_at_once_unless_quality_is_asked_for(
    options, colored, slope_model, tmp_path
):
    ramp = np.tile(np.linspace(0, 255, 64, dtype=np.uint8)[:, None], (64, 1, 3))
    imageio.mimwrite(tmp_path / "ramp.mp4", [ramp] * 5, fps=10, macro_block_size=1)
    assert colorize(tmp_path / "ramp.mp4", tmp_path / "out.mp4", slope_model, **options)[0] == 0
    frame = imageio.get_reader(tmp_path / "out.mp4", "ffmpeg").get_data(2).astype(int)
    # The mirror image would cancel what this network predicts for a slope.
    assert (np.ptp(frame[20:40, 20:40], axis=-1).mean() > 10) == colored


def test_a_silent_film_stays_silent_with_a_warning(model, tmp_path):
    source = record(tmp_path / "film.mp4", sound=False)
    failed, printed = colorize(source, None, model, side_by_side=True)
    assert failed == 0 and "no sound" in printed
    reader = imageio.get_reader(tmp_path / "film-colorized.mp4", "ffmpeg")
    assert reader.get_meta_data()["size"] == (128, 46)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_a_film_is_not_colorized_again_unless_forced(name, model, tmp_path):
    colorize(record(tmp_path / name, sound=False), tmp_path / "once" / name, model)
    failed, printed = colorize(tmp_path / "once" / name, tmp_path / "twice" / name, model)
    assert failed == 1 and "this program has colorized it before" in printed
    assert colorize(tmp_path / "once", tmp_path / "twice", model)[0] == 0
    assert not (tmp_path / "twice").exists()
    assert colorize(tmp_path / "once", tmp_path / "twice", model, force=True)[0] == 0
    assert (tmp_path / "twice" / name).is_file()


@pytest.mark.parametrize(
    ("content", "target", "message"),
    [
        (b"no film", "x.mp4", "ffmpeg cannot read this film"),
        (None, "x.jpg", "the result of a film must be a file that ends in .m4v"),
    ],
)
def test_an_unreadable_film_and_a_wrong_result_are_errors(
    content, target, message, model, tmp_path
):
    source = tmp_path / "film.mp4"
    if content:
        source.write_bytes(content)
    else:
        record(source)
    failed, printed = colorize(source, tmp_path / target, model)
    assert failed == 1 and message in printed
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_without_ffmpeg_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    from deepcolor.colorize.films import colorize_film

    monkeypatch.setitem(sys.modules, "imageio.v2", None)
    with pytest.raises(ValueError, match=r"pip install 'deep-colorization\[video\]'"):
        colorize_film(tmp_path / "a.mp4", tmp_path / "b.mp4", None, ColorizeOptions(), print)
