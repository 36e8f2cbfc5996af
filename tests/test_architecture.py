"""Imports point one way: kernels -> colorization; deepcolor -> colorization, kaggle_local."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"colorization", "deepcolor", "kaggle_local"}
ALLOWED = {
    "colorization": {"colorization"},
    "kaggle_local": {"kaggle_local"},
    "deepcolor": OURS,
    "kernels": {"colorization"},
}
# What Kaggle's image has, of all that `colorization` may want.
SHIPPED = {"kagglehub", "keras", "matplotlib", "numpy", "PIL", "scipy", "skimage"}
SHIPPED |= {"tensorflow", "tqdm"}


def imported(path):
    """The top-level names that a file imports; a script's neighbors are not among them."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    return {name for name in names if not (path.parent / f"{name}.py").exists()}


def python_files(room):
    return sorted((ROOT / room if room == "kernels" else ROOT / "src" / room).rglob("*.py"))


@pytest.mark.parametrize("room", ALLOWED)
def test_imports_point_one_way(room):
    files = python_files(room)
    assert files
    wrong = {str(p): (OURS & set(imported(p))) - ALLOWED[room] for p in files}
    assert not {path: names for path, names in wrong.items() if names}


@pytest.mark.parametrize("room", ["colorization", "kernels"])
def test_what_ships_needs_only_what_kaggle_has(room):
    outside = {name for path in python_files(room) for name in imported(path)}
    assert outside - set(sys.stdlib_module_names) - OURS <= SHIPPED


def test_every_import_is_a_declared_dependency():
    declared = (ROOT / "pyproject.toml").read_text().split("[project.scripts]")[0].lower()
    names = {name for room in OURS for path in python_files(room) for name in imported(path)}
    distributions = packages_distributions()
    for name in sorted(names - set(sys.stdlib_module_names) - OURS):
        candidates = [re.sub("[-_.]+", "-", c.lower()) for c in distributions[name]]
        assert any(re.search(rf'"{re.escape(c)}[=>\[]', declared) for c in candidates), name
