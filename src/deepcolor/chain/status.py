"""Status of the chain: states of kernels, versions of datasets, and what is out of date."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from rich.box import SIMPLE
from rich.table import Table

from colorization.kaggle.run import MANIFEST
from deepcolor.chain.datasets import StagedDataset
from deepcolor.chain.stage_line import describe_duration
from deepcolor.chain.staging import StagedChain, StagedKernel
from deepcolor.kaggle.client import KaggleClient


@dataclass(frozen=True)
class StatusRow:
    """One step of the chain as the service knows it; fields are empty where unknown.

    `current` is "yes", "no", or "-" if there is no dataset yet; `started` is in local time.
    """

    name: str
    kernel: str
    dataset: str
    current: str
    started: str
    seconds: str


def chain_status(client: KaggleClient, staged: StagedChain) -> list[StatusRow]:
    """Ask about every uploaded dataset and kernel; what differs from `staged` is out of date."""
    steps = [*staged.datasets, *staged.kernels]
    with ThreadPoolExecutor(len(steps)) as pool:  # most of the time is spent waiting
        return list(pool.map(lambda step: _row(client, step), steps))


def _row(client: KaggleClient, step: StagedDataset | StagedKernel) -> StatusRow:
    if isinstance(step, StagedDataset):
        return _dataset_row(client, step)
    return _kernel_row(client, step)


def _dataset_row(client: KaggleClient, dataset: StagedDataset, kernel: str = "") -> StatusRow:
    found = client.dataset_version(dataset.handle)
    if found is None:
        return StatusRow(dataset.name, kernel, "", "-", "", "")
    manifest = client.dataset_json(dataset.handle, MANIFEST) or {}
    state = "" if found[0] == "ready" else f" ({found[0]})"
    return StatusRow(
        dataset.name,
        kernel,
        f"{dataset.name} v{found[1]}{state}",
        "yes" if manifest.get("fingerprint") == dataset.fingerprint else "no",
        _local_time(manifest["started"]) if "started" in manifest else "",
        describe_duration(manifest["seconds"]) if "seconds" in manifest else "",
    )


def _local_time(utc: str) -> str:
    return f"{datetime.fromisoformat(utc).astimezone():%Y-%m-%d %H:%M}"


def _kernel_row(client: KaggleClient, kernel: StagedKernel) -> StatusRow:
    source = client.kernel_source(kernel.handle)
    if source is None:
        return StatusRow(kernel.name, "not pushed", "", "-", "", "")
    status = client.kernel_status(kernel.handle)
    state = f"{status.state}: {status.message}" if status.message else status.state
    if kernel.output is None:
        current = "yes" if kernel.fingerprint in source else "no"
        return StatusRow(kernel.name, state, "", current, "", "")
    return replace(_dataset_row(client, kernel.output, state), name=kernel.name)


def status_table(rows: list[StatusRow], owner: str) -> Table:
    """Lay the rows of `chain_status` out as a table that fits 80 columns."""
    table = Table(title=f"The chain of {owner}", box=SIMPLE)
    for column in ("step", "kernel", "dataset", "current", "started", "took"):
        table.add_column(column)
    for row in rows:
        color = {"yes": "green", "no": "yellow"}.get(row.current, "dim")
        current = f"[{color}]{row.current}[/{color}]"
        table.add_row(row.name, row.kernel, row.dataset, current, row.started, row.seconds)
    return table
