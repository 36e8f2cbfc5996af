"""The chain at a glance: stages, states, versions, when, how long, and what is out of date."""

import json
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE
from rich.table import Table

from deepcolor.chain.datasets import StagedDataset
from deepcolor.chain.staging import StagedChain, StagedKernel
from deepcolor.kaggle.client import KaggleClient


@dataclass(frozen=True)
class StatusRow:
    """One step of the chain as the service knows it.

    Attributes:
        name: Stage, or dataset that comes before any.
        kernel: State of the kernel; empty for a dataset that we upload.
        dataset: Name and version of the dataset; empty if there is none.
        current: "yes", "no", or "-" where nothing is there yet.
        started: When the making of the output began, UTC; empty if that is not stated.
        seconds: How long that took; empty likewise.
    """

    name: str
    kernel: str
    dataset: str
    current: str
    started: str
    seconds: str


def chain_status(kaggle: KaggleClient, staged: StagedChain) -> list[StatusRow]:
    """Ask the service about every step.

    Args:
        kaggle: The client.
        staged: The chain as it was last staged: what is current is measured by it.

    Returns:
        A line for each dataset of ours and each kernel.
    """
    inputs = [_dataset_line(kaggle, dataset) for dataset in staged.datasets]
    return inputs + [_kernel_line(kaggle, kernel) for kernel in staged.kernels]


def _dataset_line(kaggle: KaggleClient, dataset: StagedDataset, kernel: str = "") -> StatusRow:
    found = kaggle.dataset_version(dataset.handle)
    if found is None:
        return StatusRow(dataset.name, kernel, "", "-", "", "")
    text = kaggle.dataset_file(dataset.handle, "manifest.json")
    manifest: dict[str, Any] = json.loads(text) if text else {}
    state = "" if found[0] == "ready" else f" ({found[0]})"
    return StatusRow(
        dataset.name,
        kernel,
        f"{dataset.name} v{found[1]}{state}",
        "yes" if manifest.get("fingerprint") == dataset.fingerprint else "no",
        str(manifest.get("started", "")),
        f"{manifest['seconds']:.0f} s" if "seconds" in manifest else "",
    )


def _kernel_line(kaggle: KaggleClient, kernel: StagedKernel) -> StatusRow:
    text = kaggle.kernel_text(kernel.handle)
    if text is None:
        return StatusRow(kernel.name, "not pushed", "", "-", "", "")
    status = kaggle.status(kernel.handle)
    state = f"{status.state}: {status.message}" if status.message else status.state
    if kernel.output is None:
        current = "yes" if kernel.fingerprint in text else "no"
        return StatusRow(kernel.name, state, "", current, "", "")
    line = _dataset_line(kaggle, kernel.output, state)
    return StatusRow(kernel.name, state, line.dataset, line.current, line.started, line.seconds)


def status_table(lines: list[StatusRow], owner: str) -> Table:
    """Lay an overview out as a table that fits 80 columns.

    Args:
        lines: Of `chain_status`.
        owner: Whose chain it is.
    """
    laid_out = Table(title=f"The chain of {owner}", box=SIMPLE)
    for column in ("step", "kernel", "dataset", "current", "started (UTC)", "took"):
        laid_out.add_column(column)
    for line in lines:
        color = {"yes": "green", "no": "yellow"}.get(line.current, "dim")
        current = f"[{color}]{line.current}[/{color}]"
        started = line.started.replace("T", " ").removesuffix("Z")
        laid_out.add_row(line.name, line.kernel, line.dataset, current, started, line.seconds)
    return laid_out
