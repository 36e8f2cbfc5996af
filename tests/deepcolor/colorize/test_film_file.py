from fractions import Fraction

import numpy as np
import pytest
from tests.support.films import picture, read_frames, record, run_ffmpeg, tone

from deepcolor.colorize.film_file import FilmFrames, read_film


def test_a_film_is_described_as_it_is_shown(tmp_path):
    source = record(tmp_path / "film.mp4", *tone(), "-metadata", "title=a=b; #1\\2\nÉté")
    film = read_film(source)
    assert (film.width, film.height, film.rate, film.frames) == (64, 48, 10, 10)
    assert film.metadata["title"] == "a=b; #1\\2\nÉté"
    assert [(track.kind, track.codec) for track in film.tracks] == [("Audio", "aac")]
    assert not film.is_colorized


@pytest.mark.parametrize("rate", ["24000/1001", "30000/1001", "16", "50/3"])
def test_the_frame_rate_is_exact(rate, tmp_path):
    run_ffmpeg(*picture(), "-r", rate, tmp_path / "film.mkv")
    assert read_film(tmp_path / "film.mkv").rate == Fraction(rate)


@pytest.mark.parametrize(
    ("space", "colors"),
    [
        ("colorspace=bt709:color_primaries=bt709:color_trc=bt709", ("bt709",) * 3),
        ("colorspace=bt470bg", ("bt470bg", "unknown", "unknown")),
        ("range=pc", None),
    ],
)
def test_the_colors_are_those_that_the_file_states(space, colors, tmp_path):
    record(tmp_path / "film.mkv", filters=f",setparams={space}")
    assert read_film(tmp_path / "film.mkv").colors == colors


@pytest.mark.parametrize(("scan", "order"), [("tff", "tff"), ("bff", "bff"), (None, None)])
@pytest.mark.parametrize("suffix", ["mpg", "mkv"])
def test_the_order_of_fields_is_known(scan, order, suffix, tmp_path):
    fields = ["-flags", "+ilme+ildct"] if scan else []
    filters = f",interlace=scan={scan}" if scan else ""
    arguments = [*fields, "-c:v", "mpeg2video", "-r", "25"]
    film = read_film(record(tmp_path / f"film.{suffix}", *arguments, filters=filters))
    assert film.field_order == order and film.bits == 8


@pytest.mark.parametrize(
    ("codec", "form", "bits"),
    [("libx264", "yuv420p10le", 10), ("prores_ks", "yuv422p10le", 10), ("ffv1", "gray16le", 16)],
)
def test_the_bits_of_a_channel_are_known(codec, form, bits, tmp_path):
    run_ffmpeg(*picture(), "-c:v", codec, "-pix_fmt", form, tmp_path / "film.mkv")
    assert read_film(tmp_path / "film.mkv").bits == bits


def test_a_film_without_a_shape_of_its_pixels_has_none(tmp_path):
    record(tmp_path / "film.mkv", filters=",setsar=0")
    assert read_film(tmp_path / "film.mkv").pixel_shape == 0


def test_tracks_that_are_written_anew_are_not_listed(tmp_path):
    chapters = tmp_path / "chapters.txt"
    chapters.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/10\nSTART=0\nEND=5\ntitle=One\n")
    run_ffmpeg(
        *(*picture(), "-i", chapters, "-map_metadata", 1, "-map", 0),
        *("-timecode", "01:00:00:00", "-pix_fmt", "yuv420p", tmp_path / "film.mov"),
    )
    film = read_film(tmp_path / "film.mov")
    assert film.tracks == () and film.picture_metadata["timecode"].startswith("01:00:00")


def test_frames_come_in_order_and_all_of_them(tmp_path):
    source = record(tmp_path / "film.mkv")
    frames = FilmFrames(read_film(source))
    np.testing.assert_array_equal(list(frames), read_frames(source, 64, 48))
    assert frames.problem is None


def test_what_is_left_before_its_end_does_not_go_on(tmp_path):
    frames = iter(FilmFrames(read_film(record(tmp_path / "film.mkv"))))
    assert next(frames).shape == (48, 64, 3)
    frames.close()


@pytest.mark.parametrize("sound", [True, False])
def test_a_file_without_a_picture_is_no_film(sound, tmp_path):
    if sound:
        run_ffmpeg(*tone(), tmp_path / "film.mp4")
    else:
        (tmp_path / "film.mp4").touch()
    with pytest.raises(ValueError, match="ffmpeg cannot read this film: "):
        read_film(tmp_path / "film.mp4")
