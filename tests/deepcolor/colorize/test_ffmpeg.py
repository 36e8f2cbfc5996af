import subprocess
import time

import pytest
from tests.support.films import picture

from deepcolor.colorize.ffmpeg import Ffmpeg


def test_many_messages_do_not_block_it():
    arguments = [*picture(40, filters=",showinfo"), "-f", "null", "-"]
    with Ffmpeg(arguments, level="info") as ffmpeg:
        assert ffmpeg.wait() == 0
        assert len(ffmpeg.messages) > 70_000  # more than a pipe holds


def test_leaving_the_context_ends_it():
    started = time.monotonic()
    with pytest.raises(KeyError), Ffmpeg(["-re", *picture(60), "-f", "null", "-"]):
        raise KeyError
    assert time.monotonic() - started < 30


def test_it_says_why_it_failed_in_a_few_words(tmp_path):
    with Ffmpeg(["-i", f"file:{tmp_path / 'a.mp4'}", "-f", "null", "-"]) as ffmpeg:
        assert ffmpeg.wait() != 0
        assert ffmpeg.reason() == "no such file or directory"
    with Ffmpeg([*picture(), str(tmp_path / "none" / "a.mp4")]) as ffmpeg:
        assert ffmpeg.wait() != 0
        assert ffmpeg.first_message().endswith("No such file or directory")
        assert not ffmpeg.first_message().startswith("[")


def test_writing_to_what_has_ended_is_told():
    with Ffmpeg(["-f", "no such format", "-i", "-"], stdin=subprocess.PIPE) as ffmpeg:
        while ffmpeg.write(b"\0" * 100_000):
            pass
        assert ffmpeg.wait() != 0
        assert "no such format" in ffmpeg.messages
