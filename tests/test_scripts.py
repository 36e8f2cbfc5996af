"""The scripts that are run as `python -m`: experiments, benchmarks, answers and docs/build."""

import ast
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [file for room in ("experiments", "benchmarks", "answers", "docs/build")
         for file in sorted((ROOT / room).glob("*.py"))]  # fmt: skip
SCRIPTS = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for file in FILES
    if "__main__" in file.read_text("utf-8")
]


def test_scripts_are_found_in_every_room():
    assert {name.rpartition(".")[0] for name in SCRIPTS} == {
        "answers", "benchmarks", "docs.build", "experiments"
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize("name", SCRIPTS)
def test_help_says_how_a_script_is_used(name, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_module(name, run_name="__main__")
    assert stopped.value.code == 0
    assert "Usage: " in capsys.readouterr().out


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_options_are_read_by_typer_alone(file):
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    names = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute | ast.alias)}
    assert not names & {"argparse", "sys.argv"}
