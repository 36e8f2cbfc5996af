import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest

DEEPCOLOR = Path(sys.executable).parent / "deepcolor"


def run(*command, status=0):
    done = subprocess.run([DEEPCOLOR, *map(str, command)], capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


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
    output = run("train", "gan", tmp_path, "-o", tmp_path, status=2)
    assert "`name` must be one of autoencoder" in output
