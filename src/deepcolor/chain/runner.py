"""Run the chain: upload the inputs; push, follow, download and publish one kernel after another.

No state is stored on this machine: datasets and kernels state their fingerprints. A chain that was
stopped at any moment continues when it is run again, on any machine.
"""

import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from colorization.files import atomic_path
from colorization.kaggle.paths import PUSH_AGAIN
from deepcolor.chain.datasets import StagedDataset
from deepcolor.chain.effects import act_until_visible
from deepcolor.chain.logs import follow_kernel, plain_log
from deepcolor.chain.publishing import Publisher, describe_size, fill_dataset
from deepcolor.chain.stage_line import StageLine, describe_duration
from deepcolor.chain.staging import StagedChain, StagedKernel
from deepcolor.errors import DeepColorError
from deepcolor.kaggle.client import KaggleClient
from deepcolor.kaggle.kernel_client import KernelStatus

LOG_TAIL = 25  # lines
PUSHES = 4  # of a kernel that starts before Kaggle mounts its inputs
NOT_RECORDS = r"^(?!.*\.tfrecord$)"  # records are large, and no one reads them on this machine
UNFINISHED = ("QUEUED", "RUNNING")
CANCELED = "it was stopped, by hand or because its time was up"


class Chain:
    """Runs a staged chain on one service; `build` is the folder for outputs and logs.

    With `verbose`, the logs of the kernels and what is published are printed, too.
    """

    def __init__(
        self,
        client: KaggleClient,
        staged: StagedChain,
        build: Path,
        console: Console,
        verbose: bool = False,
    ):
        self.client = client
        self.client.retry.tell = lambda sentence: console.print(f"[dim]{escape(sentence)}[/dim]")
        self.publisher = Publisher(client, self._tell)
        self.staged = staged
        self.build = build
        self.console = console
        self.verbose = verbose

    def run(self) -> None:
        """Run the chain to its end, and skip what is published already.

        Raises:
            DeepColorError: If a kernel fails or the service reports an error; the message says why.
        """
        for dataset in self.staged.datasets:
            self._provide(dataset)
        for number, kernel in enumerate(self.staged.kernels, 1):
            name = f"[{number}/{len(self.staged.kernels)}] {kernel.name}"
            with StageLine(self.console, name, self.verbose) as line:
                state = self._run_kernel(kernel, line)
            self.console.print(f"[green]✓[/green] {escape(name)} · {state}")

    def _provide(self, dataset: StagedDataset) -> None:
        with StageLine(self.console, dataset.name) as line:
            line.show("asking the service")
            if not self.publisher.is_published(dataset):
                line.show(f"uploading {describe_size(dataset.folder)}")
                self.publisher.publish(dataset)

    def _run_kernel(self, kernel: StagedKernel, line: StageLine) -> str:
        """Run a kernel and publish its output; return what was done, in words."""
        output, publisher = kernel.output, self.publisher
        if output and publisher.is_published(output):
            return "unchanged"
        started = time.monotonic()
        ran, status = self._run_to_end(kernel, line)
        by_kernel = output and publisher.version_by_kernel(kernel.handle, output)
        line.show("downloading the output")
        folder = self._fetch(kernel, NOT_RECORDS if by_kernel else "")
        if status.state != "COMPLETE":
            raise DeepColorError(self._explain(kernel, status))
        if output and by_kernel:
            publisher.report(output, by_kernel)
        elif output:
            fill_dataset(output, folder)
            line.show("publishing the output")
            publisher.publish(output)
        return describe_duration(time.monotonic() - started) if ran else "unchanged"

    def _run_to_end(self, kernel: StagedKernel, line: StageLine) -> tuple[bool, KernelStatus]:
        """Run a kernel, again while its inputs are mounted late; return whether it ran, and how."""
        ran, version = self._start(kernel)
        for push in range(1, PUSHES + 1):
            status = follow_kernel(
                self.client, kernel.handle, line, self._log_file(kernel), version
            )
            failed = status.state == "ERROR" and push < PUSHES
            if not failed or PUSH_AGAIN not in self.client.kernel_log(kernel.handle):
                return ran, status
            line.show("Kaggle has not mounted its inputs yet, pushing again")
            self.client.retry.wait(push + 3)
            version = self.client.push(kernel.folder)
        raise AssertionError

    def _tell(self, sentence: str) -> None:
        if self.verbose:
            self.console.print(f"[dim]{escape(sentence)}[/dim]")

    def _start(self, kernel: StagedKernel) -> tuple[bool, int | None]:
        """Push a kernel unless this version of it runs or is complete.

        Returns whether it runs, and its version if it was pushed here.
        """

        def current() -> KernelStatus | None:
            source = self.client.kernel_source(kernel.handle)
            same = source is not None and kernel.fingerprint in source
            return self.client.kernel_status(kernel.handle) if same else None

        status = current()
        if status and status.state == "COMPLETE":
            return False, None
        if status and status.state in UNFINISHED:
            self._tell(f"{kernel.handle} is running already")
            return True, None
        pushed: list[int] = []
        if status:  # an earlier run of this version failed: push it again
            pushed.append(self.client.push(kernel.folder))
        else:
            act_until_visible(
                self.client,
                current,
                lambda: pushed.append(self.client.push(kernel.folder)),
                kernel.handle,
            )
        self._tell(f"pushed {kernel.handle}")
        return True, pushed[-1] if pushed else None

    def _fetch(self, kernel: StagedKernel, pattern: str) -> Path:
        folder = self.build / "outputs" / kernel.name
        folder.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(folder) as part:
            part.mkdir()
            log = self.client.download_output(kernel.handle, part, pattern)
        self._log_file(kernel).parent.mkdir(exist_ok=True)
        self._log_file(kernel).write_text(plain_log(log), encoding="utf-8")
        return folder

    def _log_file(self, kernel: StagedKernel) -> Path:
        return self.build / "logs" / f"{kernel.name}.log"

    def _explain(self, kernel: StagedKernel, status: KernelStatus) -> str:
        log = self._log_file(kernel)
        reason = CANCELED if status.state == "CANCEL_ACKNOWLEDGED" else "see its log"
        tail = "\n".join(log.read_text("utf-8").splitlines()[-LOG_TAIL:])
        return (
            f"kernel {kernel.handle} ended in state {status.state}: {status.message or reason}\n"
            f"The end of its log ({log}):\n{tail}"
        )
