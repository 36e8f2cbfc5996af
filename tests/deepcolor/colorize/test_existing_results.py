from pathlib import Path

import pytest

from deepcolor.colorize.existing_results import check_target
from deepcolor.colorize.plan import ColorizeOptions, Job


@pytest.mark.parametrize(
    ("searched", "options", "failed"),
    [
        (False, ColorizeOptions(), True),
        (False, ColorizeOptions(skip_existing=True), False),
        (True, ColorizeOptions(), False),
    ],
)
def test_a_file_of_another_program_is_not_overwritten(searched, options, failed, tmp_path):
    (tmp_path / "result.jpg").write_bytes(b"precious")
    job = Job(Path("photo.jpg"), tmp_path / "result.jpg", searched=searched)
    checked = check_target(job, options)
    assert checked.problem and "exists; --force overwrites it" in checked.problem
    assert checked.skipped != failed
    assert check_target(job, ColorizeOptions(force=True)) == job
