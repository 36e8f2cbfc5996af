"""The chain as the committed metadata files describe it.

A stage is a kernel. It follows another when its sources name the other's kernel, or the dataset
that the other's output becomes; the files are the graph.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from deepcolor.errors import DeepColorError

NEUTRAL_OWNER = "kaggle-username"
KERNEL = "kernel-metadata.json"
DATASET = "dataset-metadata.json"

Metadata = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """A kernel, and the dataset that its output becomes.

    Attributes:
        name: Name of its folder, and last word of its slug.
        code: The script or notebook.
        kernel: Content of its `kernel-metadata.json`.
        dataset: Content of its `dataset-metadata.json`; None if its output is not published.
    """

    name: str
    code: Path
    kernel: Metadata
    dataset: Metadata | None

    @property
    def sources(self) -> list[str]:
        """Handles of the datasets and kernels that it reads."""
        return [*self.kernel.get("dataset_sources", []), *self.kernel.get("kernel_sources", [])]

    @property
    def provides(self) -> list[str]:
        """Handles by which a later stage can name its output."""
        return [self.kernel["id"], *([self.dataset["id"]] if self.dataset else [])]


def find_project_root(start: Path | None = None) -> Path:
    """Find the project's folder: the nearest one, upward, with `kernels/` and its metadata.

    Args:
        start: Where to begin; the current folder by default.

    Returns:
        The folder.

    Raises:
        DeepColorError: If there is none.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / KERNEL).is_file() and (folder / "kernels").is_dir():
            return folder
    raise DeepColorError(
        f"no {KERNEL} beside a kernels/ folder in {start} or above: run in a clone"
    )


def read_stages(root: Path) -> list[Stage]:
    """Read every stage of the project, each after those that it depends on.

    Args:
        root: Folder of the project.

    Returns:
        The stages; the last is the root kernel, the sink of the graph.

    Raises:
        DeepColorError: If a metadata file is broken, or the stages depend in a circle.
    """
    files = [*sorted(root.glob(f"kernels/*/{KERNEL}")), root / KERNEL]
    return sort_stages(_read_stage(file) for file in files)


def sort_stages(stages: Iterable[Stage]) -> list[Stage]:
    """Sort stages so that each comes after those whose output it reads.

    Args:
        stages: Stages in any order.

    Raises:
        DeepColorError: If they depend on each other in a circle.
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
    return Stage(code.parent.name, code, kernel, dataset)


def read_metadata(file: Path) -> Metadata:
    """Read a metadata file.

    Args:
        file: A `kernel-metadata.json` or `dataset-metadata.json`.

    Raises:
        DeepColorError: If it is not there or not JSON.
    """
    try:
        metadata: Metadata = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DeepColorError(f"cannot read {file}: {error}") from error
    return metadata
