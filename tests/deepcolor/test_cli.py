import subprocess
import sys

import pytest
from typer.testing import CliRunner

from colorization.training.recipes import RECIPE_NAMES
from deepcolor import cli

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
