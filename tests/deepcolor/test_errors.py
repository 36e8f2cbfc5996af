import errno
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image

from deepcolor.errors import (
    EXTRAS,
    DeepColorError,
    disk_problems_as_errors,
    has_extra,
    missing_extras_as_errors,
)

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]


def names(requirements):
    return {text.split(">")[0].split("=")[0].split("[")[0].lower() for text in requirements}


def test_every_extra_can_be_named_to_the_user():
    assert set(EXTRAS) == set(PROJECT["optional-dependencies"])


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_modules_of_an_extra_come_with_it_alone(extra):
    distributions = packages_distributions()
    declared = names(PROJECT["optional-dependencies"][extra])
    for module in EXTRAS[extra].modules:
        found = {name.lower().replace("_", "-") for name in distributions[module]}
        assert found & declared, module
        assert not found & names(PROJECT["dependencies"]), module
    assert has_extra(extra)


WITHOUT = """
import sys
from deepcolor.cli import main
sys.modules[sys.argv.pop(1)] = None  # as if it were not installed
main()
"""


@pytest.mark.parametrize(
    ("module", "arguments", "message"),
    [
        ("keras", ["train", "unet", "records", "-o", "out"], "need TensorFlow"),
        ("keras", ["evaluate", "own.keras", "-o", "out", "--records", "a=."], "need TensorFlow"),
        ("keras", ["colorize", "photo.jpg", "--model", "own.keras"], "need TensorFlow"),
        ("fastapi", ["app"], "the web page needs FastAPI"),
        ("flask", ["status"], "the chain and the stand-in need Kaggle's client and Flask"),
        ("tf2onnx", ["export", "own.keras"], "exporting needs onnx and tf2onnx"),
    ],
)
def test_a_command_names_the_extra_that_it_misses_in_one_line(module, arguments, message, tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "photo.jpg")
    with ZipFile(tmp_path / "own.keras", "w") as file:
        file.writestr("config.json", "{}")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, module, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    extra = next(name for name, extra in EXTRAS.items() if module in extra.modules)
    line = rf"error: .*{message}: pip install 'deep-colorization\[{extra}\]'\n"
    assert re.fullmatch(line, done.stderr), done.stderr


def test_a_missing_module_of_no_extra_is_not_hidden():
    with pytest.raises(ModuleNotFoundError), missing_extras_as_errors():
        import deepcolor.nowhere  # noqa: F401


@pytest.mark.parametrize(("number", "text"), [(errno.ENOSPC, "full"), (errno.EROFS, "read-only")])
def test_a_full_and_a_read_only_disk_are_told_with_the_file(number, text):
    told = pytest.raises(DeepColorError, match=rf"the disk is {text}.*\(/x/y\)")
    with told, disk_problems_as_errors():
        raise OSError(number, "no", "/x/y")


def test_other_errors_of_the_system_are_not_hidden():
    with pytest.raises(BrokenPipeError), disk_problems_as_errors():
        raise BrokenPipeError
