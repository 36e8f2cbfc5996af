"""The chain: publish the inputs; push, wait for, fetch and publish one kernel after another."""

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from deepcolor.errors import DeepColorError
from deepcolor.kaggle_client import Kaggle, KernelStatus
from deepcolor.ledger import Entry, Ledger
from deepcolor.project import DATASET
from deepcolor.staging import Staged, StagedDataset, StagedKernel, digest

LAST_LINES = 25


class Chain:
    """Walks the staged chain on one service. A step whose inputs did not change is not repeated.

    Args:
        kaggle: The client.
        staged: What to publish and push.
        build: Folder for outputs, logs and the ledger of this service.
        console: Where progress is shown.
    """

    def __init__(self, kaggle: Kaggle, staged: Staged, build: Path, console: Console):
        self.kaggle = kaggle
        self.staged = staged
        self.build = build
        self.console = console
        build.mkdir(parents=True, exist_ok=True)
        self.ledger = Ledger(build / "ledger.json")

    def run(self) -> None:
        """Run the chain to its end.

        Raises:
            DeepColorError: If a kernel fails or the service refuses; the message says why.
        """
        for dataset in self.staged.datasets:
            self._publish_input(dataset)
        for kernel in self.staged.kernels:
            self._run_kernel(kernel)

    def _publish_input(self, dataset: StagedDataset) -> None:
        fingerprint = digest(dataset.folder, _files(dataset.folder))
        if self._unchanged(dataset.name, fingerprint, dataset):
            return
        started = time.monotonic()
        with self.console.status(f"{dataset.name}: uploading {_size(dataset.folder)}"):
            version = self.kaggle.publish(dataset.folder, f"revision {self.staged.revision}")
        entry = Entry(fingerprint, 0, version, _since(started))
        self.ledger.record(dataset.name, entry)
        self._say_done(dataset.name, entry, dataset)

    def _run_kernel(self, kernel: StagedKernel) -> None:
        fingerprint = self._fingerprint(kernel)
        if self._unchanged(kernel.name, fingerprint, kernel.output):
            return
        started = time.monotonic()
        version = self.kaggle.push(kernel.folder)
        self.console.print(f"[bold]{kernel.name}[/bold]: pushed {kernel.handle} version {version}")
        status = self._wait(kernel)
        folder = self._fetch(kernel)
        if status.state != "COMPLETE":
            raise DeepColorError(self._explain(kernel, status))
        published = self._publish_output(kernel.output, folder, version) if kernel.output else 0
        entry = Entry(fingerprint, version, published, _since(started))
        self.ledger.record(kernel.name, entry)
        self._say_done(kernel.name, entry, kernel.output)

    def _fingerprint(self, kernel: StagedKernel) -> str:
        """Return a digest of a kernel's code, settings and the versions of what it reads."""
        datasets = [*self.staged.datasets, *(k.output for k in self.staged.kernels if k.output)]
        makers = {k.output.name: k.name for k in self.staged.kernels if k.output}
        names = [d.name for d in datasets if d.handle in kernel.sources]
        versions = [self.ledger.entries[makers.get(n, n)].dataset_version for n in names]
        content = digest(kernel.folder, _files(kernel.folder))
        return hashlib.sha256(f"{content} {names} {versions}".encode()).hexdigest()[:12]

    def _unchanged(self, name: str, fingerprint: str, dataset: StagedDataset | None) -> bool:
        entry = self.ledger.finished(name, fingerprint)
        if not entry:
            return False
        if dataset and self.kaggle.dataset_version(dataset.handle) != (
            "ready",
            entry.dataset_version,
        ):
            return False
        self.console.print(f"[green]✓[/green] [bold]{name}[/bold]: unchanged")
        return True

    def _wait(self, kernel: StagedKernel) -> KernelStatus:
        started = time.monotonic()
        follower = self.kaggle.follow(kernel.handle)
        ended = threading.Event()
        reader = threading.Thread(
            target=self._show_log, args=(follower.stdout or [], ended), daemon=True
        )
        reader.start()
        try:
            with self.console.status(f"{kernel.name}: queued") as spinner:
                while not (status := self.kaggle.status(kernel.handle)).final:
                    spinner.update(
                        f"{kernel.name}: {status.state.lower()}, {_since(started):.0f} s"
                    )
                    # The end of the log is the end of the kernel: ask at once instead of waiting.
                    ended.wait(self.kaggle.poll)
                    if ended.is_set():
                        time.sleep(0.5)
                reader.join(timeout=5)
        finally:
            follower.terminate()
            follower.wait()
        return status

    def _show_log(self, lines: Iterable[str], ended: threading.Event) -> None:
        for line in lines:
            if text := line.rstrip().split("\r")[-1]:
                self.console.print(f"[dim]│ {escape(text)}[/dim]")
        ended.set()

    def _fetch(self, kernel: StagedKernel) -> Path:
        """Download a kernel's output; its log goes to `logs/`, away from what is published."""
        folder = self.build / "outputs" / kernel.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with self.console.status(f"{kernel.name}: fetching the output"):
            self.kaggle.output(kernel.handle, folder)
        log = folder / f"{kernel.handle.split('/')[1]}.log"
        if log.is_file():
            self.log_file(kernel.name).parent.mkdir(exist_ok=True)
            log.replace(self.log_file(kernel.name))
        return folder

    def log_file(self, name: str) -> Path:
        """Return where the log of a stage is kept."""
        return self.build / "logs" / f"{name}.log"

    def _publish_output(self, dataset: StagedDataset, output: Path, kernel_version: int) -> int:
        for path in sorted(output.iterdir()):
            # What Kaggle itself adds to an output (`__results__.html`, ...) is not the stage's.
            if not path.name.startswith("__"):
                (shutil.copytree if path.is_dir() else shutil.copy)(
                    path, dataset.folder / path.name
                )
        with self.console.status(f"{dataset.name}: uploading {_size(dataset.folder)}"):
            notes = f"kernel version {kernel_version}, code {self.staged.revision}"
            return self.kaggle.publish(dataset.folder, notes)

    def _explain(self, kernel: StagedKernel, status: KernelStatus) -> str:
        log = self.log_file(kernel.name)
        reason = status.message or "see its log"
        said = f"kernel {kernel.handle} ended in state {status.state}: {reason}"
        if not log.is_file():
            return said
        tail = "\n".join(read_log(log)[-LAST_LINES:])
        return f"{said}\nThe end of its log ({log}):\n{tail}"

    def _say_done(self, name: str, entry: Entry, dataset: StagedDataset | None) -> None:
        to = f" → dataset {dataset.handle} version {entry.dataset_version}" if dataset else ""
        self.console.print(
            f"[green]✓[/green] [bold]{name}[/bold]: done in {entry.seconds:.0f} s{to}"
        )


def read_log(file: Path) -> list[str]:
    """Return the lines of a kernel's log, which Kaggle keeps as JSON objects per line of output.

    Args:
        file: `<slug>.log` as `kaggle kernels output` saves it.
    """
    text = file.read_text("utf-8", errors="replace")
    try:
        parts = [item["data"] for item in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        return text.splitlines()
    return "".join(parts).splitlines()


def _files(folder: Path) -> list[Path]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if path.name != DATASET)


def _size(folder: Path) -> str:
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{total / 1e6:.1f} MB"


def _since(started: float) -> float:
    return round(time.monotonic() - started, 1)
