from pathlib import Path

import pytest

from deepcolor.chain.graph import (
    Stage,
    find_project_root,
    name_problem,
    read_metadata,
    read_stages,
    sort_stages,
)
from deepcolor.errors import DeepColorError

ROOT = Path(__file__).parents[3]


def make_stage(name, sources, output=None):
    kernel = {"id": f"o/{name}", "dataset_sources": sources}
    return Stage(name, Path(f"{name}.py"), kernel, {"id": output} if output else None)


def test_the_project_is_found_from_below():
    assert find_project_root(ROOT / "kernels" / "train") == ROOT


def test_outside_a_clone_the_error_says_what_to_do(tmp_path):
    with pytest.raises(DeepColorError, match="in a clone"):
        find_project_root(tmp_path)


def test_a_stage_comes_after_those_it_reads_from():
    stages = [
        make_stage("c", ["o/b-data", "x/y"]),
        make_stage("b", ["o/a"], "o/b-data"),
        make_stage("a", []),
    ]
    assert [stage.name for stage in sort_stages(stages)] == ["a", "b", "c"]


def test_a_circle_is_refused():
    with pytest.raises(DeepColorError, match="circle"):
        sort_stages([make_stage("a", ["o/b"]), make_stage("b", ["o/a"])])


def test_the_root_kernel_is_the_sink():
    assert read_stages(ROOT)[-1].name == "report"


@pytest.mark.parametrize(
    ("title", "slug", "problem"),
    [("Tiny make", "tiny-make", ""), ("Tiny make", "tiny-maker", "agree"), ("a", "a", "5 to 50")],
)
def test_a_title_that_kaggle_would_make_another_slug_of_is_told_first(title, slug, problem):
    metadata = {"id": f"me/{slug}", "title": title, "code_file": "make.py"}
    found = name_problem(metadata)
    assert problem in found and bool(problem) == bool(found)


def test_a_broken_metadata_file_is_named(tmp_path):
    (tmp_path / "kernel-metadata.json").write_text("{")
    with pytest.raises(DeepColorError, match="kernel-metadata.json"):
        read_metadata(tmp_path / "kernel-metadata.json")
