"""The graph of the chain, read from the committed metadata files.

A stage is a kernel. It depends on another stage when its sources name that stage's kernel, or the
dataset made of that stage's output.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from deepcolor.errors import DeepColorError
from kaggle_local.handles import slugify

NEUTRAL_OWNER = "kaggle-username"
LONGEST_TITLE = 50
KERNEL = "kernel-metadata.json"
DATASET = "dataset-metadata.json"

Metadata = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """A kernel, and the dataset made of its output.

    The name is that of the folder, and the last word of the kernel's slug; `kernel` and `dataset`
    are the content of their metadata files, None if the output is not published.
    """

    name: str
    code: Path
    kernel: Metadata
    dataset: Metadata | None

    @property
    def sources(self) -> list[str]:
        """Handles of the datasets and kernels that the stage reads."""
        return [*self.kernel.get("dataset_sources", []), *self.kernel.get("kernel_sources", [])]

    @property
    def provides(self) -> list[str]:
        """Handles under which later stages can read the output."""
        return [self.kernel["id"], *([self.dataset["id"]] if self.dataset else [])]


def find_project_root(start: Path | None = None) -> Path:
    """Return the nearest folder, from `start` upward, with `kernels/` and root metadata.

    Raises:
        DeepColorError: If there is no such folder.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / KERNEL).is_file() and (folder / "kernels").is_dir():
            return folder
    raise DeepColorError(
        f"found no {KERNEL} beside a kernels/ folder in {start} or above it: run the command in a "
        "clone of the repository"
    )


def read_stages(root: Path) -> list[Stage]:
    """Read the stages of a project, each after those that it depends on.

    The last one is the kernel described in `root` itself.

    Raises:
        DeepColorError: If a metadata file cannot be read, or the stages depend on each other.
    """
    files = [*sorted(root.glob(f"kernels/*/{KERNEL}")), root / KERNEL]
    return sort_stages(_read_stage(file) for file in files)


def sort_stages(stages: Iterable[Stage]) -> list[Stage]:
    """Sort stages so that each comes after those whose output it reads.

    Raises:
        DeepColorError: If the stages depend on each other in a circle.
    """
    by_name = {stage.name: stage for stage in stages}
    makers = {handle: stage.name for stage in by_name.values() for handle in stage.provides}
    graph = {
        stage.name: {makers[source] for source in stage.sources if source in makers}
        for stage in by_name.values()
    }
    try:
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise DeepColorError(
            f"the kernels depend on each other in a circle: {error.args[1]}"
        ) from error


def _read_stage(file: Path) -> Stage:
    kernel = read_metadata(file)
    code = file.parent / kernel["code_file"]
    output = code.parent / DATASET
    dataset = read_metadata(output) if output.is_file() else None
    for source, metadata in ((file, kernel), (output, dataset)):
        if metadata and (problem := name_problem(metadata)):
            raise DeepColorError(f"{source}: {problem}")
    return Stage(code.parent.name, code, kernel, dataset)


def name_problem(metadata: Metadata) -> str:
    """Return what Kaggle would not accept in the title and id of a kernel or dataset, or ""."""
    title, slug = metadata["title"], metadata["id"].rpartition("/")[2]
    shortest = 5 if "code_file" in metadata else 6
    for name, text in (("title", title), ("slug", slug)):
        if not shortest <= len(text) <= LONGEST_TITLE:
            return (
                f"the {name} must have {shortest} to {LONGEST_TITLE} characters, received {text!r}"
            )
    if slugify(title) != slug:
        return (
            f"Kaggle makes the slug {slugify(title)!r} of the title {title!r}, but the id has "
            f"{slug!r}: make them agree"
        )
    return ""


def read_metadata(file: Path) -> Metadata:
    """Read a `kernel-metadata.json` or `dataset-metadata.json`.

    Raises:
        DeepColorError: If the file does not exist or is not JSON.
    """
    try:
        metadata: Metadata = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DeepColorError(f"cannot read {file}: {error}") from error
    return metadata
