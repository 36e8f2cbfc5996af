"""The layout: imports point one way, no file name stands twice, one word for one thing."""

import ast
import re
import subprocess
import sys
from collections import Counter
from graphlib import TopologicalSorter
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
SHIPPED = {"kagglehub", "kagglesdk", "keras", "matplotlib", "numpy", "PIL", "scipy", "skimage"}
SHIPPED |= {"tensorflow", "tqdm"}

# British spellings and words of an earlier private vocabulary; libvips alone says "grey16".
BANNED = re.compile(
    r"colour|\bgrey(?!16)|neighbour|behaviour|licence|\bcentre|"
    r"(normal|serial|summar|initial|general|memor|organ|optim|recogn)is(e|ed|es|ing|ation)\b|"
    r"\b(wishes|workshop|draining|steadiness|collage|sitter|refusals?|levelled|evened|"
    r"strengthened|displayable|black_and_white|careful|sayings?)\b",
    re.IGNORECASE,
)


def imports(path):
    """The modules that a file imports, absolute and dotted; a script's neighbors are left out."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if not (path.parent / f"{name.split('.')[0]}.py").exists()}


def imported(path):
    return {name.split(".")[0] for name in imports(path)}


def python_files(package):
    folder = ROOT / package if package == "kernels" else ROOT / "src" / package
    return sorted(folder.rglob("*.py"))


def room_of(module, package):
    """The folder, or the module beside the folders, that a dotted name lies in."""
    room = module.split(".")[1] if "." in module else ""
    folder = ROOT / "src" / package
    return room if (folder / room).is_dir() or (folder / f"{room}.py").is_file() else ""


def room_graph(package):
    graph = {}
    for path in python_files(package):
        parts = path.relative_to(ROOT / "src").with_suffix("").parts
        own = room_of(".".join(parts), package)
        if own in ("", "__init__", "__main__"):
            continue  # what a package offers to others stands above its rooms
        targets = {
            room_of(name, package) for name in imports(path) if name.split(".")[0] == package
        }
        graph.setdefault(own, set()).update(targets - {own, ""})
    return graph


@pytest.mark.parametrize("package", ALLOWED)
def test_packages_import_one_way(package):
    files = python_files(package)
    assert files
    wrong = {str(p): (OURS & imported(p)) - ALLOWED[package] for p in files}
    assert not {path: names for path, names in wrong.items() if names}


@pytest.mark.parametrize("package", sorted(OURS))
def test_rooms_of_a_package_import_one_way(package):
    graph = room_graph(package)
    assert len(graph) > 3
    list(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle


@pytest.mark.parametrize("package", sorted(OURS))
def test_no_file_name_stands_twice_in_a_package(package):
    counts = Counter(p.name for p in python_files(package) if p.name != "__init__.py")
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("package", ["colorization", "kernels"])
def test_what_ships_needs_only_what_kaggle_has(package):
    outside = {name for path in python_files(package) for name in imported(path)}
    assert outside - set(sys.stdlib_module_names) - OURS <= SHIPPED


def test_every_import_is_a_declared_dependency():
    declared = (ROOT / "pyproject.toml").read_text().split("[dependency-groups]")[0].lower()
    names = {name for package in OURS for path in python_files(package) for name in imported(path)}
    distributions = packages_distributions()
    for name in sorted(names - set(sys.stdlib_module_names) - OURS):
        candidates = [re.sub("[-_.]+", "-", c.lower()) for c in distributions[name]]
        assert any(re.search(rf'"{re.escape(c)}[=>\[]', declared) for c in candidates), name


def tracked(*patterns):
    command = ["git", "-C", str(ROOT), "ls-files", "--", *patterns]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


@pytest.mark.parametrize("package", sorted(OURS))
def test_command_lines_are_read_by_typer_alone(package):
    wrong = {
        str(path)
        for path in python_files(package)
        if "argparse" in imported(path) or "sys.argv" in path.read_text("utf-8")
    }
    assert wrong == set()


def test_banned_words_are_nowhere():
    files = tracked(
        "src/*.py", "src/*.js", "src/*.html", "src/*en.json", "src/*.md", "kernels/*.py"
    )
    files += tracked("docs/*.md", "docs/*.py", "README.md", "models/*.md", "experiments/*.py")
    files += tracked("benchmarks/*.py")
    found = {
        f"{path.relative_to(ROOT)}:{number}": match[0]
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (match := BANNED.search(line))
    }
    assert found == {}
