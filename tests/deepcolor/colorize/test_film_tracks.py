import pytest
from tests.support.films import SUBTITLES, picture, run_ffmpeg, tone

from deepcolor.colorize.film_file import Track, read_film
from deepcolor.colorize.film_tracks import KeptTrack, keep_tracks, tell_of_tracks

SOUND = Track(1, "Audio", "aac")
FONT = Track(3, "Attachment", "none")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tracks")
    (folder / "words.srt").write_text(SUBTITLES)
    run_ffmpeg(
        *(*picture(), *tone(), "-i", folder / "words.srt", "-map", 0, "-map", 1, "-map", 2),
        *("-c:a", "wmav2", "-c:s", "srt", folder / "film.mkv"),
    )
    return read_film(folder / "film.mkv")


@pytest.mark.parametrize(
    ("name", "codecs"),
    [("x.mkv", ["copy", "copy"]), ("x.mp4", ["aac", "mov_text"]), ("x.mov", ["copy", "mov_text"])],
)
def test_tracks_are_converted_only_where_the_container_cannot_hold_them(
    name, codecs, film, tmp_path
):
    assert [codec for _, codec in keep_tracks(film, tmp_path / name)] == codecs


def test_a_result_that_cannot_be_written_is_not_taken_for_tracks_that_cannot_be_held(
    film, tmp_path
):
    with pytest.raises(OSError, match="file name too long"):
        keep_tracks(film, tmp_path / f"{'x' * 300}.mkv")


@pytest.mark.parametrize(
    ("kept", "notes"),
    [
        ([KeptTrack(SOUND, "copy")], []),
        ([], ["the film has no sound"]),
        ([KeptTrack(SOUND, "aac")], ["converted to aac for .mp4: 1 sound track in aac"]),
        (
            [KeptTrack(SOUND, "copy"), KeptTrack(FONT, None), KeptTrack(FONT, None)],
            ["left out, as it cannot be written to .mp4: 2 attachments"],
        ),
    ],
)
def test_what_is_not_copied_is_told(kept, notes):
    assert tell_of_tracks(kept, ".mp4") == notes
