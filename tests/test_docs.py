import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import typer
from docs.build import markdown_tables, remeasure
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
    assert [name for name in named if "NAME" not in name and not (ROOT / name).exists()] == []


def test_the_python_of_the_readme_colors_a_photo():
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    names = {"photo": np.full((40, 60), 120, np.uint8)}
    exec(code, names)
    assert names["colorized"].shape == (40, 60, 3) and names["colorized"].dtype == np.uint8


def parse(words):
    """Read a command line of `deepcolor` as it does, and run nothing."""
    cli = get_command(app)
    name, command, rest = cli.resolve_command(cli.make_context("", words[:1]), words)
    command.make_context(name, rest)


def parse_words(main, words):
    """Read the words after `python -m NAME` as the script's `main` does, and run nothing."""
    script = typer.Typer()
    script.command()(main)
    get_command(script).make_context("", words)


def shell_lines(page):
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [part for line in lines for part in re.split(r" [|>] ", line)]


def inline_code(page):
    prose = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    return re.findall(r"`([^`]+)`", prose)


def split_words(lines):
    words = (shlex.split(line, comments=True) for line in lines)
    return [line for line in words if line]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_options_that_a_page_gives_to_deepcolor_are_known(page):
    for program, *words in split_words(shell_lines(page)):
        if Path(program).name == "deepcolor":
            parse(words)


SCRIPT = re.compile(r"python -m (?:answers|benchmarks|docs\.build|experiments)\.")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_options_that_a_page_gives_to_scripts_are_known(page):
    lines = [line for line in shell_lines(page) + inline_code(page) if SCRIPT.match(line)]
    for _, _, name, *words in split_words(lines):
        main = import_module(name).main
        if words:
            parse_words(main, words)


def options_of(command):
    return {name for parameter in command.params for name in parameter.opts}


def test_options_in_the_text_are_known():
    scripts = {
        words[2]
        for page in PAGES
        for words in split_words(filter(SCRIPT.match, shell_lines(page) + inline_code(page)))
    }
    known = set().union(*(options_of(command) for command in get_command(app).commands.values()))
    for name in scripts:
        script = typer.Typer()
        script.command()(import_module(name).main)
        known |= options_of(get_command(script))
    named = {code.split()[0] for page in PAGES for code in inline_code(page) if code[:2] == "--"}
    assert named <= known and len(named) > 20


@pytest.mark.parametrize("step", remeasure.STEPS)
def test_a_step_of_the_measurements_is_made_of_commands_that_exist(step, tmp_path):
    for program, *words in remeasure.commands(step, tmp_path / "photos", tmp_path / "work"):
        words = [str(word) for word in words]
        if Path(program).name == "deepcolor":
            parse(words)
        else:
            assert words[0] == "-m"
            parse_words(import_module(words[1]).main, words[2:])


def test_people_come_first_in_the_results():
    sets = dict.fromkeys(reversed(markdown_tables.SET_ORDER))
    assert tuple(markdown_tables.sort_sets(sets)) == markdown_tables.SET_ORDER
