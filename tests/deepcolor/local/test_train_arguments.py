from pathlib import Path

import pytest

from colorization.training.recipes import RECIPES
from deepcolor.errors import WrongUsageError
from deepcolor.local.train_arguments import parse_folders, parse_settings


def test_weights_are_read_from_the_command_line():
    assert parse_folders(["people=3", "things", "b=0.5"]) == {
        Path("people"): 3.0, Path("things"): 1.0, Path("b"): 0.5
    }  # fmt: skip
    for wrong in ("people=many", "people=0"):
        with pytest.raises(WrongUsageError):
            parse_folders([wrong])


def test_settings_of_a_recipe_can_be_changed():
    config = parse_settings(
        "unet", ["epochs=5", "name=short", "optimizer.learning_rate=0.001", "augmentation.flip=0"]
    )
    assert (config.epochs, config.name, config.optimizer.learning_rate) == (5, "short", 1e-3)
    assert config.augmentation.flip == 0 and config.augmentation.crop > 0
    assert parse_settings("unet", []) == RECIPES["unet"]
    assert parse_settings("unet", ["image_size=null"]).image_size is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("epoch=5", "no such setting: epoch"),
        ("epochs=five", "epochs is [0-9]+ by default, and cannot be 'five'"),
        ("mixed_precision=1", "mixed_precision is True by default, and cannot be 1"),
        ("augmentation.flip=2", r"`flip` must be in \[0, 1\]"),
        ("epochs.many=2", "no such setting: many"),
        ("epochs", "epochs has no value: write epochs=VALUE"),
    ],
)
def test_an_invalid_change_is_an_error(change, message):
    with pytest.raises(WrongUsageError, match=message):
        parse_settings("unet", [change])
