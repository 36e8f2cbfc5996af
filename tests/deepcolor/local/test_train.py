import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from colorization.training.recipes import RECIPES
from deepcolor.errors import DeepColorError
from deepcolor.local.train import parse_folders, parse_settings

DEEPCOLOR = Path(sys.executable).parent / "deepcolor"


def run(*command, status=0):
    done = subprocess.run([DEEPCOLOR, *map(str, command)], capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_weights_are_read_from_the_command_line():
    assert parse_folders(["people=3", "things", "b=0.5"]) == {
        Path("people"): 3.0, Path("things"): 1.0, Path("b"): 0.5
    }  # fmt: skip
    for wrong in ("people=many", "people=0"):
        with pytest.raises(DeepColorError):
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
        ("epochs=five", "epochs is 10 by default, and cannot be 'five'"),
        ("mixed_precision=1", "mixed_precision is True by default, and cannot be 1"),
        ("augmentation.flip=2", r"`flip` must be in \[0, 1\]"),
        ("epochs.many=2", "no such setting: many"),
    ],
)
def test_an_invalid_change_is_an_error(change, message):
    with pytest.raises(DeepColorError, match=message):
        parse_settings("unet", [change])


@pytest.mark.slow
def test_a_network_is_trained_from_the_command_line(records, tmp_path):
    output = run(
        "train", "unet", records, "-o", tmp_path,
        "--set", "epochs=2", "--set", "image_size=32", "--set", "batch_size=8",
    )  # fmt: skip
    assert "epoch 2/2" in output
    assert json.loads((tmp_path / "unet-config.json").read_text())["epochs"] == 2
    assert len(json.loads((tmp_path / "unet-history.json").read_text())["val_ab_mse"]) == 2
    assert keras.saving.load_model(tmp_path / "unet.keras").count_params() < 8e6


def test_what_is_missing_is_an_error_in_one_line(tmp_path):
    output = run("train", "unet", tmp_path / "nowhere", "-o", tmp_path, status=1)
    assert "nowhere" in output and "Traceback" not in output
    output = run("train", "gan", tmp_path, "-o", tmp_path, status=1)
    assert "`name` must be one of autoencoder" in output
