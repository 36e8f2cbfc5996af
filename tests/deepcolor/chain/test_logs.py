import json

from deepcolor.chain.logs import read_log


def test_a_log_is_read_as_lines(tmp_path):
    pieces = ["one\ntw", "o\n", "é\n"]
    (tmp_path / "log").write_text(json.dumps([{"data": piece} for piece in pieces]), "utf-8")
    assert read_log(tmp_path / "log") == ["one", "two", "é"]


def test_a_log_that_is_not_json_is_read_as_it_is(tmp_path):
    (tmp_path / "log").write_text("one\ntwo\n")
    assert read_log(tmp_path / "log") == ["one", "two"]
    (tmp_path / "log").write_text("")
    assert read_log(tmp_path / "log") == []
