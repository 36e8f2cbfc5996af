"""Imports between the rooms of `kaggle_local` point one way, without circles."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import kaggle_local

PACKAGE = Path(kaggle_local.__file__).parent
# Modules that belong to every room.
SHARED = {"errors", "handles", "settings", "environment"}
ALLOWED = {
    "shared": {"shared"},
    "state": {"state", "shared"},
    "runner": {"runner", "state", "shared"},
    "api": {"api", "runner", "state", "shared"},
    "http": {"http", "api", "runner", "state", "shared"},
    # `client` starts the server in another process, so it needs only its state folder.
    "client": {"state", "shared"},
}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts)


def imports(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    names = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name for name in names if name.startswith("kaggle_local.")}


def room_of(name: str) -> str:
    first = name.split(".")[1]
    return "shared" if first in SHARED else first


GRAPH = {module_name(path): imports(path) for path in PACKAGE.rglob("*.py")}


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_lower_rooms(room: str) -> None:
    modules = [name for name in GRAPH if room_of(name) == room]
    assert modules
    wrong = {
        f"{name} -> {target}"
        for name in modules
        for target in GRAPH[name]
        if room_of(target) not in ALLOWED[room]
    }
    assert not wrong


def test_imports_have_no_circles() -> None:
    order = list(TopologicalSorter(GRAPH).static_order())
    assert set(GRAPH) <= set(order)
