import subprocess
import sys

import pytest
from typer.testing import CliRunner

from colorization.inference.model_path import MODEL_VARIABLE
from colorization.training.recipes import RECIPE_NAMES
from deepcolor import cli
from deepcolor.colorize.onnx_network import PACKAGED_NETWORK, file_digest

COMMANDS = {command.name or command.callback.__name__ for command in cli.app.registered_commands}
# What takes time to import, and what an extra brings.
HEAVY = {"PIL", "fastapi", "flask", "kaggle", "kagglesdk", "keras", "nbclient", "numpy"}
HEAVY |= {"onnxruntime", "scipy", "skimage", "starlette", "tensorflow", "tifffile", "uvicorn"}


def test_the_command_line_imports_nothing_heavy():
    code = "import sys, deepcolor.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_help_lists_every_command():
    done = CliRunner().invoke(cli.app, ["--help"])
    assert done.exit_code == 0
    assert all(f" {name} " in done.output for name in COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_of_a_command_has_a_help_text(command):
    parameters = cli.typer.main.get_command(cli.app).commands[command].params
    assert all(getattr(parameter, "help", None) for parameter in parameters)


def test_the_help_names_every_recipe():
    done = CliRunner().invoke(cli.app, ["train", "--help"], env={"COLUMNS": "200"})
    assert all(name in done.output for name in RECIPE_NAMES)


def test_the_version_names_the_network_and_its_digest(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # without a downloaded network
    monkeypatch.delenv(MODEL_VARIABLE, raising=False)
    done = CliRunner().invoke(cli.app, ["--version"])
    assert done.exit_code == 0
    assert "deep-colorization.onnx" in done.output
    assert file_digest(PACKAGED_NETWORK) in done.output


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_shows_two_examples(command):
    done = CliRunner().invoke(cli.app, [command, "-h"], env={"COLUMNS": "200"})
    assert done.output.count(f"$ deepcolor {command}") == 2


def test_a_wrong_argument_is_told_in_one_line_with_status_2():
    command = [sys.executable, "-c", "from deepcolor.cli import main; main()"]
    done = subprocess.run(
        [*command, "train", "gan", "records", "-o", "out"], capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: `name` must be one of autoencoder")
