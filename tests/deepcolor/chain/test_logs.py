import json

from deepcolor.chain.logs import plain_log


def test_a_log_is_read_as_lines():
    pieces = ["one\ntw", "o\n", "é\n"]
    assert plain_log(json.dumps([{"data": piece} for piece in pieces])) == "one\ntwo\né\n"


def test_a_log_that_is_not_json_is_read_as_it_is():
    assert plain_log("one\ntwo\n") == "one\ntwo\n"
    assert plain_log("") == ""


def test_colors_and_earlier_states_of_a_progress_bar_are_left_out():
    assert plain_log("\x1b[1mbold\x1b[0m\n 10%\r 90%\r100%\n\n") == "bold\n100%\n"
