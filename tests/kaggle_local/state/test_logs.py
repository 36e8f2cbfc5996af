import json
from pathlib import Path

import pytest

from kaggle_local.state import logs
from kaggle_local.state.logs import LogWriter, follow_log, read_log


def written(path: Path) -> list[tuple[str, str]]:
    return [(entry["stream_name"], entry["data"]) for entry in json.loads(read_log(path))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


def feed(path: Path, *pieces: bytes) -> None:
    log = LogWriter(path)
    for piece in pieces:
        log.feed("stdout", piece)
    log.close()


def test_lines_and_characters_split_between_reads_are_joined(path: Path) -> None:
    feed(path, b"on", "e\nçà".encode()[:4], "e\nçà".encode()[4:], b"\nrest")
    assert written(path) == [("stdout", "one\n"), ("stdout", "çà\n"), ("stdout", "rest")]


def test_only_the_last_state_of_a_progress_bar_is_logged(path: Path) -> None:
    steps = [f"\r{'#' * i:100} {i}%".encode() for i in range(101)]
    feed(path, *steps, b"\n", b"after\r\n")
    assert written(path) == [("stdout", "#" * 100 + " 100%\n"), ("stdout", "after\n")]


def test_an_unfinished_line_is_logged_after_some_seconds(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_PARTIAL_SECONDS", 0.0)
    feed(path, b"\r1%", b"\r2%")
    assert written(path) == [("stdout", "1%"), ("stdout", "2%")]


def test_a_very_long_line_is_split(path: Path) -> None:
    feed(path, *[b"x" * 1000] * 200)
    assert "".join(data for _, data in written(path)) == "x" * 200_000
    assert max(len(data) for _, data in written(path)) <= logs.LONGEST_LINE


def test_invalid_utf8_is_replaced(path: Path) -> None:
    feed(path, b"a\xff\xfeb\0\n")
    assert written(path) == [("stdout", "a\ufffd\ufffdb\0\n")]


def test_a_huge_log_is_cut_with_a_notice(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LARGEST_LOG", 1000)
    feed(path, b"0123456789\n" * 1000)
    assert "the log is cut here" in written(path)[-1][1]
    assert path.stat().st_size < 10_000


def test_a_growing_log_is_read_up_to_its_last_complete_line(path: Path) -> None:
    feed(path, b"one\n")
    with path.open("a") as file:
        file.write('{"stream_name": "std')
    assert written(path) == [("stdout", "one\n")]
    assert [json.loads(e)["data"] for e in follow_log(path, lambda: True)] == ["one\n"]


def test_a_missing_log_is_empty(path: Path) -> None:
    assert read_log(path) == "[]"
    assert list(follow_log(path, lambda: True)) == []
