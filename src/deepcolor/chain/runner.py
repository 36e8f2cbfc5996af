"""Run the chain: upload the inputs; push, follow, download and publish one kernel after another.

No state is stored on this machine: datasets and kernels state their fingerprints. A chain that was
stopped at any moment continues when it is run again, on any machine.
"""

import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from colorization.files import atomic_path
from colorization.kaggle.run import MANIFEST, file_sizes, read_fingerprint
from deepcolor.chain.datasets import StagedDataset
from deepcolor.chain.graph import DATASET
from deepcolor.chain.logs import follow_kernel, read_log
from deepcolor.chain.staging import StagedChain, StagedKernel
from deepcolor.errors import DeepColorError
from deepcolor.kaggle.client import KaggleClient, KernelStatus
from deepcolor.kaggle.request_errors import ATTEMPTS, KaggleError, MissingInputError, TransientError

LOG_TAIL = 25  # lines
CHECKS = 3
NOT_RECORDS = r"^(?!.*\.tfrecord$)"  # records are large, and no one reads them on this machine
UNFINISHED = ("QUEUED", "RUNNING")
CANCELED = "it was stopped, by hand or because its time was up"
T = TypeVar("T")


class Chain:
    """Runs a staged chain on one service; `build` is the folder for outputs and logs."""

    def __init__(self, client: KaggleClient, staged: StagedChain, build: Path, console: Console):
        self.client = client
        self.staged = staged
        self.build = build
        self.console = console

    def run(self) -> None:
        """Run the chain to its end, and skip what is published already.

        Raises:
            DeepColorError: If a kernel fails or the service reports an error; the message says why.
        """
        for dataset in self.staged.datasets:
            if not self._is_published(dataset):
                self._publish(dataset)
        for kernel in self.staged.kernels:
            self._run_kernel(kernel)

    def _run_kernel(self, kernel: StagedKernel) -> None:
        if kernel.output and self._is_published(kernel.output):
            return
        started = time.monotonic()
        ran = self._start(kernel)
        status = follow_kernel(self.client, kernel.handle, self.console)
        by_kernel = kernel.output and self._published_version(kernel.output)
        folder = self._fetch(kernel, NOT_RECORDS if by_kernel else "")
        if status.state != "COMPLETE":
            raise DeepColorError(self._explain(kernel, status))
        if kernel.output and by_kernel:
            self._report_published(kernel.output, by_kernel)
        elif kernel.output:
            self._fill(kernel.output, folder)
            self._publish(kernel.output)
        state = f"done in {time.monotonic() - started:.0f} s" if ran else "unchanged"
        self.console.print(f"[green]✓[/green] [bold]{kernel.name}[/bold]: {state}")

    def _is_published(self, dataset: StagedDataset) -> bool:
        version = self._published_version(dataset)
        if version:
            self.console.print(
                f"[green]✓[/green] [bold]{dataset.name}[/bold]: unchanged, "
                f"dataset {dataset.handle} version {version}"
            )
        return version is not None

    def _published_version(self, dataset: StagedDataset) -> int | None:
        version = self.client.wait_until_ready(dataset.handle)
        if version is None:
            return None
        manifest = self.client.dataset_json(dataset.handle, MANIFEST) or {}
        if manifest.get("fingerprint") != dataset.fingerprint:
            return None
        listed = self.client.dataset_files(dataset.handle)
        whole = all(_holds(listed, name, size) for name, size in manifest["files"].items())
        return version if whole else None

    def _publish(self, dataset: StagedDataset) -> None:
        notes = f"fingerprint {dataset.fingerprint}"

        def upload() -> None:
            new = self.client.dataset_version(dataset.handle) is None
            self.client.upload_dataset(dataset.folder, notes, new)

        with self.console.status(f"{dataset.name}: uploading {_size(dataset.folder)}"):
            version = self._until(
                lambda: self._published_version(dataset), upload, f"dataset {dataset.handle}"
            )
        self._report_published(dataset, version)

    def _report_published(self, dataset: StagedDataset, version: int) -> None:
        self.console.print(
            f"[green]✓[/green] [bold]{dataset.name}[/bold]: "
            f"dataset {dataset.handle} version {version}"
        )

    def _start(self, kernel: StagedKernel) -> bool:
        """Push a kernel unless this version of it runs or is complete; return whether it runs."""

        def current() -> KernelStatus | None:
            source = self.client.kernel_source(kernel.handle)
            same = source is not None and kernel.fingerprint in source
            return self.client.kernel_status(kernel.handle) if same else None

        status = current()
        if status and status.state == "COMPLETE":
            return False
        if status and status.state in UNFINISHED:
            self.console.print(f"[bold]{kernel.name}[/bold]: {kernel.handle} is running already")
            return True
        if status:  # an earlier run of this version failed: push it again
            self.client.push(kernel.folder)
        else:
            self._until(current, lambda: self.client.push(kernel.folder), kernel.handle)
        self.console.print(f"[bold]{kernel.name}[/bold]: pushed {kernel.handle}")
        return True

    def _until(self, check: Callable[[], T | None], act: Callable[[], None], what: str) -> T:
        """Repeat an action until a check finds its effect: a fault may hide that it succeeded."""
        for attempt in range(ATTEMPTS):
            reason: KaggleError = TransientError(f"{what} does not show what was sent")
            try:
                act()
            except MissingInputError:
                raise  # the push took effect: the kernel runs without the input
            except KaggleError as error:
                reason = error
            for number in range(CHECKS):  # the effect may take a moment to be visible
                if (found := check()) is not None:
                    return found
                self.client.retry.wait(number)
            if not isinstance(reason, TransientError):
                break
            self.client.retry.wait(attempt, reason)
        raise reason

    def _fetch(self, kernel: StagedKernel, pattern: str) -> Path:
        folder = self.build / "outputs" / kernel.name
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (
            atomic_path(folder) as part,
            self.console.status(f"{kernel.name}: downloading the output"),
        ):
            part.mkdir()
            log = self.client.download_output(kernel.handle, part, pattern)
        self._log_file(kernel).parent.mkdir(exist_ok=True)
        self._log_file(kernel).write_text(log, encoding="utf-8")
        return folder

    def _log_file(self, kernel: StagedKernel) -> Path:
        return self.build / "logs" / f"{kernel.name}.log"

    def _fill(self, dataset: StagedDataset, output: Path) -> None:
        for old in dataset.folder.iterdir():
            if old.name != DATASET:
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        for path in sorted(output.iterdir()):
            # Kaggle adds files of its own, such as `__results__.html`.
            if not path.name.startswith("__"):
                (shutil.copytree if path.is_dir() else shutil.copy)(
                    path, dataset.folder / path.name
                )
        if read_fingerprint(dataset.folder) != dataset.fingerprint:
            raise DeepColorError(
                f"the output of the kernel does not have the fingerprint {dataset.fingerprint}"
            )

    def _explain(self, kernel: StagedKernel, status: KernelStatus) -> str:
        log = self._log_file(kernel)
        reason = CANCELED if status.state == "CANCEL_ACKNOWLEDGED" else "see its log"
        tail = "\n".join(read_log(log)[-LOG_TAIL:])
        return (
            f"kernel {kernel.handle} ended in state {status.state}: {status.message or reason}\n"
            f"The end of its log ({log}):\n{tail}"
        )


def _holds(listed: Mapping[str, int], name: str, size: int) -> bool:
    """Return whether a dataset lists a file whole; Kaggle lists a zip as its unpacked files."""
    if name.endswith(".zip") and name not in listed:
        return any(other.startswith(name.removesuffix(".zip") + "/") for other in listed)
    return listed.get(name) == size


def _size(folder: Path) -> str:
    return f"{sum(file_sizes(folder).values()) / 1e6:.1f} MB"
