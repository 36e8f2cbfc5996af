import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from answers import collect
from docs.build import remeasure
from typer.main import get_command

from deepcolor.cli import app

ROOT = Path(__file__).parents[1]

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "models/MODEL_CARD.md"]


def test_every_table_is_what_was_measured():
    command = [sys.executable, "-m", "docs.build.tables", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page):
    prose = re.sub(r"```.*?```|`[^`\n]+`", "", page.read_text("utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", prose)
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_are_there(page):
    rooms = "src|kernels|answers|tests|docs|models|benchmarks|experiments"
    named = re.findall(rf"(?<![\w/])((?:{rooms})/[\w./-]+\.\w+)", page.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_python_of_the_readme_colors_a_photo():
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    names = {"photo": np.full((40, 60), 120, np.uint8)}
    exec(code, names)
    assert names["colored"].shape == (40, 60, 3) and names["colored"].dtype == np.uint8


def parse(words):
    """Read a command line of `deepcolor` as it does, and run nothing."""
    cli = get_command(app)
    name, command, rest = cli.resolve_command(cli.make_context("", words[:1]), words)
    command.make_context(name, rest)


def commands_of(page):
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    parts = (re.split(r" [|>] ", line) for line in lines)
    commands = (shlex.split(part, comments=True) for split in parts for part in split)
    return [words[1:] for words in commands if words and Path(words[0]).name == "deepcolor"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_options_that_a_page_gives_to_deepcolor_are_known(page):
    for words in commands_of(page):
        parse(words)


@pytest.mark.parametrize("step", remeasure.STEPS)
def test_a_step_of_the_measurements_is_made_of_commands_that_exist(step, tmp_path):
    for program, *words in remeasure.commands(step, tmp_path / "photos", tmp_path / "work"):
        words = [str(word) for word in words]
        if Path(program).name == "deepcolor":
            parse(words)
        elif words[:2] == ["-m", "answers.collect"]:
            get_command(collect.app).make_context("collect", words[2:])
        else:
            assert words[0] == "-m" and find_spec(words[1])


def test_people_come_first_in_the_results():
    sets = [*reversed(remeasure.ORDER)]
    found = remeasure.people_first({"sets": dict.fromkeys(sets), "scores": dict.fromkeys(sets)})
    assert [list(part) for part in found.values()] == [list(remeasure.ORDER)] * 2
