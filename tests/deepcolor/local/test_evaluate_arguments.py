from pathlib import Path

import pytest

from deepcolor.errors import DeepColorError, WrongUsageError
from deepcolor.local.evaluate_arguments import check_evaluation, parse_sources


def test_a_source_without_a_name_is_named_after_its_folder():
    assert parse_sources(["kept=a/b", "c/d.zip"]) == {"kept": Path("a/b"), "d": Path("c/d.zip")}


def test_a_set_of_faces_that_is_not_evaluated_is_wrong_usage():
    with pytest.raises(WrongUsageError, match=r"no such set: face; there are \['kept'\]"):
        check_evaluation([], ["kept=records"], [], ["face"])


def test_networks_and_sets_that_are_not_there_are_told_before_any_work(tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photo")
    with pytest.raises(DeepColorError, match=r"photo\.jpg is not a model: expected a \.keras file"):
        check_evaluation([photo], [str(tmp_path)], [], [])
    with pytest.raises(DeepColorError, match=r"for the set kept: .*nowhere"):
        check_evaluation([], [f"kept={tmp_path / 'nowhere'}"], [], [])
