import errno
import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from tests.support.films import (
    SUBTITLES,
    describe,
    picture,
    read_frames,
    record,
    run_ffmpeg,
    save_red_network,
    save_slope_network,
    tone,
)

from deepcolor.colorize.batch import colorize_files
from deepcolor.colorize.plan import ColorizeOptions

STATEMENT = "Colorized by Deep Colorization"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_red_network(tmp_path_factory.mktemp("model") / "red.onnx")


def colorize(source, target, model, **options):
    printed = io.StringIO()
    console = Console(file=printed, width=300)
    failed = colorize_files(
        [str(source)], target and str(target), ColorizeOptions(model, **options), console, console
    )
    return failed, printed.getvalue()


@pytest.fixture
def full_disk(tmp_path):
    """A file system of 4 kB."""
    folder = tmp_path / "full"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root mounts a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize(
    ("name", "result"), [("film.mp4", "film.mp4"), ("film.avi", "film.mkv"), ("a:b.mp4", "a:b.mp4")]
)
def test_a_film_keeps_its_size_its_length_and_its_sound(name, result, model, tmp_path):
    source = record(tmp_path / name, *tone(), size="60x45")
    failed, printed = colorize(source, tmp_path / "out", model)
    assert failed == 0, printed
    result = tmp_path / "out" / result
    assert " 10 fps" in describe(result) and "Audio: " in describe(result)
    # Half a pixel of chroma does not exist: odd sides gain a row.
    after = read_frames(result, 60, 46)
    assert len(after) == pytest.approx(len(read_frames(source, 60, 45)), abs=1)
    red, _, blue = np.moveaxis(after[5], -1, 0)
    assert (red - blue).mean() > 20


def test_a_film_keeps_its_lightness_and_has_the_colors_of_the_network(model, tmp_path):
    source = record(tmp_path / "film.mp4")
    assert colorize(source, tmp_path / "gray.mp4", model, strength=0)[0] == 0
    before, after = (read_frames(path, 64, 48) for path in (source, tmp_path / "gray.mp4"))
    assert np.abs(after - before).mean() < 3


@pytest.mark.parametrize(("options", "colored"), [({}, False), ({"fast": True}, True)])
def test_frames_get_test_time_augmentation_unless_fast(options, colored, tmp_path):
    network = save_slope_network(tmp_path / "slope.onnx")
    filters = ",geq=lum='4*X':cb=128:cr=128"
    record(tmp_path / "ramp.mp4", filters=filters)
    assert colorize(tmp_path / "ramp.mp4", tmp_path / "out.mp4", network, **options)[0] == 0
    frame = read_frames(tmp_path / "out.mp4", 64, 48)[2]
    # The mirror image would cancel what this network predicts for a slope.
    assert (np.ptp(frame[15:35, 20:40], axis=-1).mean() > 10) == colored


def test_an_interlaced_film_stays_interlaced(model, tmp_path):
    source = tmp_path / "film.mpg"
    arguments = ["-flags", "+ilme+ildct", "-c:v", "mpeg2video", "-r", "25"]
    record(source, *arguments, filters=",interlace=scan=tff")
    assert colorize(source, tmp_path / "out.mp4", model, strength=0)[0] == 0
    assert "top first" in describe(tmp_path / "out.mp4")
    before, after = (read_frames(path, 64, 48) for path in (source, tmp_path / "out.mp4"))
    combs = [np.abs(np.diff(frames.mean(-1), axis=1)).mean() for frames in (before, after)]
    assert combs[1] > 0.8 * combs[0]


def test_the_loss_of_bits_is_told(model, tmp_path):
    run_ffmpeg(*picture(), "-pix_fmt", "yuv420p10le", tmp_path / "film.mkv")
    failed, printed = colorize(tmp_path / "film.mkv", tmp_path / "out.mkv", model)
    assert failed == 0 and "its 10 bits per channel are reduced to 8" in printed


def test_a_silent_film_stays_silent_with_a_warning(model, tmp_path):
    source = record(tmp_path / "film.mp4")
    failed, printed = colorize(source, None, model, side_by_side=True)
    assert failed == 0 and "no sound" in printed
    assert "136x48" in describe(tmp_path / "film-colorized.mp4")


@pytest.mark.parametrize(
    ("suffix", "shape"), [("mp4", "64:45"), ("mov", "640:351"), ("mkv", "64:45")]
)
def test_a_film_keeps_the_shape_of_its_pixels(suffix, shape, model, tmp_path):
    source = record(tmp_path / f"dvd.{suffix}", filters=f",setsar={shape.replace(':', '/')}:9999")
    result = tmp_path / f"out.{suffix}"
    assert colorize(source, result, model)[0] == 0
    assert f"64x48 [SAR {shape}" in describe(source) and f"64x48 [SAR {shape}" in describe(result)


def test_a_turned_film_is_upright_with_turned_pixels(model, tmp_path):
    source = record(tmp_path / "film.mp4", filters=",setsar=64/45")
    run_ffmpeg("-display_rotation", 90, "-i", source, "-c", "copy", tmp_path / "turned.mp4")
    assert colorize(tmp_path / "turned.mp4", tmp_path / "out.mp4", model)[0] == 0
    assert "48x64 [SAR 45:64" in describe(tmp_path / "out.mp4")
    assert "rotation" not in describe(tmp_path / "out.mp4")


def test_a_film_states_what_its_colors_mean(model, tmp_path):
    shown = []
    for colors, kept in ((None, "bt709"), ("bt709", "bt709"), ("smpte170m", "smpte170m")):
        space = f",setparams=colorspace={colors}:color_primaries={colors}:color_trc={colors}"
        source = record(tmp_path / f"{colors}.mkv", filters=space if colors else "")
        result = tmp_path / f"out-{colors}.mkv"
        assert colorize(source, result, model)[0] == 0
        assert f"yuv420p(tv, {kept}, progressive)" in describe(result)
        shown.append(read_frames(result, 64, 48).mean((0, 1, 2)))
    # The red of the network, whatever the film calls it.
    np.testing.assert_allclose(shown, np.broadcast_to(shown[0], (3, 3)), atol=1.5)
    assert shown[0][0] - shown[0][2] > 20


@pytest.fixture(scope="module")
def rich_film(tmp_path_factory):
    """A film with two sound tracks, subtitles, chapters, a title, a comment and a font."""
    folder = tmp_path_factory.mktemp("rich")
    (folder / "words.srt").write_text(SUBTITLES)
    (folder / "font.ttf").write_bytes(b"font")
    (folder / "chapters.txt").write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/10\nSTART=0\nEND=5\ntitle=Arrival\n"
    )
    run_ffmpeg(
        *(*picture(), *tone(), *tone(880), "-i", folder / "words.srt"),
        *("-i", folder / "chapters.txt", "-map_chapters", 4, "-map_metadata", 4),
        *("-map", 0, "-map", 1, "-map", 2, "-map", 3, "-attach", folder / "font.ttf"),
        *("-metadata:s:t", "mimetype=font/ttf", "-metadata", "title=Holiday; in = Rome"),
        *("-metadata", "comment=Filmed by Ada", "-metadata:s:a:1", "language=fra"),
        *("-metadata:s:a:1", "title=Commentary", "-metadata:s:s", "language=fra"),
        *("-metadata:s:v", "title=Reel 1", "-c:a", "libvorbis", "-c:s", "srt"),
        *("-pix_fmt", "yuv420p", folder / "film.mkv"),
    )
    return folder / "film.mkv"


def test_a_matroska_film_keeps_all_its_tracks_its_titles_and_its_chapters(
    rich_film, model, tmp_path
):
    failed, printed = colorize(rich_film, tmp_path / "out.mkv", model)
    assert failed == 0 and printed.strip() == f"✓ {tmp_path / 'out.mkv'}"
    before, after = describe(rich_film), describe(tmp_path / "out.mkv")
    track = re.compile(r"Stream #0:([1-9].*)")
    assert track.findall(after) == track.findall(before) and len(track.findall(before)) == 4
    for title in ("Holiday; in = Rome", "Commentary", "Reel 1", "Arrival", "font/ttf"):
        assert after.count(f": {title}") == before.count(f": {title}") == 1
    assert f"Filmed by Ada [{STATEMENT}" in after


def test_what_another_container_cannot_hold_is_converted_or_left_out_and_told(
    rich_film, model, tmp_path
):
    failed, printed = colorize(rich_film, tmp_path / "out.m4v", model)
    assert failed == 0
    assert "converted to aac for .m4v: 2 sound tracks in vorbis" in printed
    assert "converted to mov_text for .m4v: 1 subtitle track in subrip" in printed
    assert "left out, as it cannot be written to .m4v: 1 attachment" in printed
    after = describe(tmp_path / "out.m4v")
    assert after.count("Audio: aac") == 2 and after.count("Subtitle: mov_text") == 1
    assert "(fra): Audio" in after and ": Holiday; in = Rome" in after and ": Arrival" in after


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_cover_is_no_film(suffix, model, tmp_path):
    run_ffmpeg(*picture(), "-frames:v", 1, tmp_path / "cover.jpg")
    source = record(tmp_path / "plain.mp4", *tone())
    run_ffmpeg(
        *("-i", tmp_path / "cover.jpg", "-i", source, "-map", 0, "-map", 1, "-c", "copy"),
        *("-disposition:v:0", "attached_pic", tmp_path / "film.mp4"),
    )
    failed, printed = colorize(tmp_path / "film.mp4", tmp_path / f"out.{suffix}", model)
    assert failed == 0
    after = describe(tmp_path / f"out.{suffix}")
    left_out = "left out, as it cannot be written to .mkv: 1 cover in mjpeg" in printed
    assert left_out == (suffix == "mkv") and ("(attached pic)" in after) != left_out
    assert len(read_frames(tmp_path / f"out.{suffix}", 64, 48)) == 10


def test_a_second_picture_is_copied_and_told(model, tmp_path):
    run_ffmpeg(
        *(*picture(), *picture(), "-map", 0, "-map", 1, "-pix_fmt", "yuv420p"),
        tmp_path / "film.mkv",
    )
    failed, printed = colorize(tmp_path / "film.mkv", tmp_path / "out.mkv", model)
    assert failed == 0 and "left black and white: 1 picture track in h264" in printed
    assert describe(tmp_path / "out.mkv").count("Video: h264") == 2


@pytest.mark.parametrize("name", ["12:30 at 5%.mp4", "a:b.mkv", "%03d [x]'.mkv", "pipe:1.mov"])
def test_any_name_will_do(name, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record(Path(name), *tone())
    failed, printed = colorize(name, f"out {name}", model)
    assert failed == 0, printed
    assert "Audio: " in describe(Path(f"out {name}"))
    assert colorize(name, None, model)[0] == 0


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_a_film_is_not_colorized_again_unless_forced(name, model, tmp_path):
    colorize(record(tmp_path / name), tmp_path / "once" / name, model)
    failed, printed = colorize(tmp_path / "once" / name, tmp_path / "twice" / name, model)
    assert failed == 1 and "this program has colorized it before" in printed
    assert colorize(tmp_path / "once", tmp_path / "twice", model)[0] == 0
    assert not (tmp_path / "twice").exists()
    assert colorize(tmp_path / "once", tmp_path / "twice", model, force=True)[0] == 0
    assert describe(tmp_path / "twice" / name).count(STATEMENT) == 1


@pytest.mark.parametrize(
    ("content", "target", "message"),
    [
        (b"no film", "x.mp4", "ffmpeg cannot read this film: invalid data found"),
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
    assert failed == 1 and message in printed and len(printed.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_a_damaged_film_is_colorized_as_far_as_it_goes_with_a_warning(model, tmp_path):
    source = record(tmp_path / "film.mkv", *tone(), "-g", "1")
    source.write_bytes(source.read_bytes()[: source.stat().st_size * 6 // 10])
    failed, printed = colorize(source, tmp_path / "out.mkv", model)
    assert failed == 0
    assert "the film is damaged or incomplete (ffmpeg: File ended prematurely)" in printed
    assert 0 < len(read_frames(tmp_path / "out.mkv", 64, 48)) < 10


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_a_film_on_a_full_disk_is_an_error_and_leaves_nothing(suffix, full_disk, model, tmp_path):
    source = record(tmp_path / f"film.{suffix}", *tone())
    result = full_disk / f"out.{suffix}"
    failed, printed = colorize(source, result, model)
    assert failed == 1
    assert printed == f"✗ {source}: cannot write {result}: no space left on device\n"
    assert not list(full_disk.iterdir())


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("x" * 300 + ".mp4", os.strerror(errno.ENAMETOOLONG).lower()),
        ("film.mp4/x.mp4", "file exists"),
        ("folder.mp4", "it is a folder"),
    ],
)
def test_a_film_that_cannot_be_written_is_one_line_with_the_reason(target, reason, model, tmp_path):
    source = record(tmp_path / "film.mp4")
    (tmp_path / "folder.mp4").mkdir()
    printed = colorize_to(source, tmp_path / target, model)
    assert printed == f"cannot write {tmp_path / target}: {reason}"


def test_a_closed_folder_is_told_before_the_first_frame(model, tmp_path):
    source = record(tmp_path / "film.mp4")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    program = "from deepcolor.cli import main; main()"
    command = [sys.executable, "-c", program, "colorize", source, "-o", closed / "x.mp4"]
    if os.getuid() == 0:
        dropped = "--bounding-set=-dac_override,-dac_read_search"
        command = ["setpriv", dropped, *command]
    done = subprocess.run([*command, "--model", model], capture_output=True, text=True)
    assert done.returncode == 1 and not done.stdout
    assert done.stderr.startswith(f"✗ {source}: cannot write {closed / 'x.mp4'}: permission denied")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_stopped_leaves_nothing(number, model, tmp_path):
    run_ffmpeg(*picture(30), "-pix_fmt", "yuv420p", tmp_path / "film.mp4")
    program = "from deepcolor.cli import main; main()"
    command = [sys.executable, "-c", program, "colorize", tmp_path / "film.mp4", "--model", model]
    with subprocess.Popen(command) as running:
        while not any(part.stat().st_size for part in tmp_path.glob(".*.part.mp4")):
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(number)
    assert running.returncode == 128 + number
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def colorize_to(source, target, model):
    from deepcolor.colorize.film_file import read_film
    from deepcolor.colorize.films import colorize_film
    from deepcolor.colorize.open_network import open_predictor

    predictor = open_predictor(model)
    with pytest.raises(ValueError) as raised:
        colorize_film(read_film(source), target, predictor, ColorizeOptions(), print)
    return str(raised.value)


def test_a_file_that_appears_meanwhile_is_not_overwritten(model, tmp_path):
    from deepcolor.colorize.film_file import read_film
    from deepcolor.colorize.films import colorize_film
    from deepcolor.colorize.open_network import open_predictor

    film = read_film(record(tmp_path / "film.mp4"))
    target = tmp_path / "out.mp4"
    predictor = open_predictor(model)

    def write_it(_):
        target.write_text("precious")

    with pytest.raises(ValueError, match="out.mp4: it exists; --force overwrites it"):
        colorize_film(film, target, predictor, ColorizeOptions(), write_it)
    assert target.read_text() == "precious"
    colorize_film(film, target, predictor, ColorizeOptions(force=True), write_it)
    assert "Video: h264" in describe(target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "out.mp4"]


def test_without_ffmpeg_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    from deepcolor.colorize.film_file import read_film

    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ValueError, match=r"pip install 'deep-colorization\[video\]'"):
        read_film(tmp_path / "a.mp4")
