import io

import pytest
from rich.console import Console

from deepcolor.chain.stage_line import StageLine, describe_duration, describe_progress


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "unet epoch 23/60: loss 80.1, val_ab_mse 92.4 (18 s)",
            "unet 23/60 · val 92 · 11 min left",
        ),
        ("unet epoch 60/60: loss 80.1, val_loss 92.4 (18 s)", "unet 60/60 · val 92"),
        ("unet epoch 1/60: step 4/20, loss 300.1", "unet 1/60"),
        ("gray:  45%|####      | 12/27 [00:01<00:02, 8.1 photos/s]", "gray 12/27"),
        (" 45%|####      | 12/27 [00:01<00:02, 8.1 photos/s]", "12/27"),
        ("12,546,370 parameters", ""),
    ],
)
def test_progress_is_read_from_the_log(line, told):
    assert describe_progress(line) == told


def test_only_photos_that_are_left_out_are_printed_unless_all_is_asked_for():
    lines = ["unreadable: broken.jpg: no image", "something else"]
    for verbose, printed in ((False, 1), (True, 2)):
        shown = io.StringIO()
        with StageLine(Console(file=shown), "[1/4] prepare", verbose) as stage:
            for line in lines:
                stage.read(line)
        assert len(shown.getvalue().splitlines()) == printed


@pytest.mark.parametrize(
    ("seconds", "text"), [(33.6, "34 s"), (2040, "34 min"), (7500, "2 h 05 min")]
)
def test_durations_are_told_as_people_say_them(seconds, text):
    assert describe_duration(seconds) == text
