"""What the chain asks of Kaggle, judged by what is said and not by exit statuses.

A rejected push, an invalid source and a dataset that already exists all end with status 0, so each
method looks for the words of success. Questions are asked again when they fail; what changes
something is asked once, and the caller finds out whether it took effect.
"""

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deepcolor.kaggle.command import ATTEMPTS, KaggleCommand
from deepcolor.kaggle.errors import KaggleError, MissingInputError, TransientError, explained

FINAL_STATES = ("COMPLETE", "ERROR", "CANCEL_ACKNOWLEDGED")
PAGE = "200"
NEXT_PAGE = re.compile(r"^Next Page Token = (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class KernelStatus:
    """Where a kernel's last version stands.

    Attributes:
        state: QUEUED, RUNNING, COMPLETE, ERROR, CANCEL_REQUESTED or CANCEL_ACKNOWLEDGED.
        message: Why it failed; empty otherwise.
    """

    state: str
    message: str

    @property
    def final(self) -> bool:
        """Whether it will not change any more."""
        return self.state in FINAL_STATES


class KaggleClient(KaggleCommand):
    """What the chain asks of Kaggle, or of its stand-in."""

    def username(self) -> str:
        """Return the name of the authenticated user.

        Raises:
            KaggleError: If nobody is.
        """
        found = re.search(r"^- username: (\S+)", self.ask("config", "view"), re.MULTILINE)
        if not found or found[1] == "None":
            raise explained("kaggle config view", "401: not authenticated")
        return found[1]

    def push(self, folder: Path) -> None:
        """Push a kernel, which makes Kaggle run it.

        Args:
            folder: Staged folder of the kernel.

        Raises:
            MissingInputError: If Kaggle does not know one of the sources, and runs it all the same.
            KaggleError: If the push is refused.
        """
        said = self.once("kernels", "push", "-p", str(folder))
        if not re.search(r"Kernel version \d+ successfully pushed", said):
            raise explained(f"pushing {folder.name}", said)
        if "not valid" in said:
            doing = f"pushing {folder.name}, which now runs without an input"
            raise MissingInputError(str(explained(doing, said)))

    def kernel_text(self, kernel: str) -> str | None:
        """Return the text of a kernel's newest version, or None if there is no such kernel.

        Args:
            kernel: `owner/slug`.
        """
        with tempfile.TemporaryDirectory() as folder:
            try:
                self.ask("kernels", "pull", kernel, "-p", folder)
            except KaggleError as error:
                if error.absent:
                    return None
                raise
            return next(Path(folder).iterdir()).read_text("utf-8")

    def status(self, kernel: str) -> KernelStatus:
        """Ask where a kernel stands.

        Args:
            kernel: `owner/slug`.
        """
        said = self.ask("kernels", "status", kernel)
        state = re.search(r"KernelWorkerStatus\.(\w+)", said)
        if not state:
            raise KaggleError(f"cannot read the status of {kernel}: {said}")
        message = re.search(r"Failure message: \"?(.*?)\"?$", said, re.MULTILINE)
        return KernelStatus(state[1], message[1] if message else "")

    def follow(self, kernel: str) -> subprocess.Popen[str]:
        """Start `kaggle kernels logs --follow`; it ends when the kernel does.

        Args:
            kernel: `owner/slug`.
        """
        return subprocess.Popen(
            [self.command, "kernels", "logs", "--follow", kernel],
            env=self.environment | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )

    def output(self, kernel: str, folder: Path, pattern: str = "") -> None:
        """Download a kernel's output files, and its log as `<slug>.log`; all of them, whole.

        Args:
            kernel: `owner/slug`.
            folder: Where to.
            pattern: Regular expression that the wanted files' names match; all if empty.
        """
        expected = self._listed("kernels", "files", kernel)
        wanted = {name: size for name, size in expected.items() if re.search(pattern, name)}
        command = ["kernels", "output", kernel, "-p", str(folder), "-o", "--page-size", PAGE]
        for attempt in range(ATTEMPTS):
            self.ask(*command, *(["--file-pattern", pattern] if pattern else []))
            if not (wrong := _incomplete(folder, wanted)):
                return
            self.back_off(attempt)
        raise KaggleError(f"the output of {kernel} does not arrive whole: {', '.join(wrong)}")

    def dataset_version(self, handle: str) -> tuple[str, int] | None:
        """Ask for a dataset's state and newest version.

        Args:
            handle: `owner/slug`.

        Returns:
            `("ready", 3)` for instance, or None if there is no such dataset.
        """
        try:
            said = self.ask("datasets", "status", handle, "--format", "json")
        except KaggleError as error:
            if error.absent:
                return None
            raise
        found = json.loads(said[said.index("{") :])
        return str(found["status"]).lower(), int(found["current_version_number"])

    def wait_until_ready(self, handle: str, seconds: float = 3600) -> int | None:
        """Wait until Kaggle serves the newest version of a dataset.

        Args:
            handle: `owner/slug`.
            seconds: How long to wait.

        Returns:
            The version, or None if there is no such dataset.

        Raises:
            KaggleError: If Kaggle could not process it, or takes too long.
        """
        deadline = time.monotonic() + seconds
        while found := self.dataset_version(handle):
            if found[0] == "ready":
                return found[1]
            if found[0] in {"failed", "deleted"} or time.monotonic() > deadline:
                raise KaggleError(f"dataset {handle} does not become ready: {found[0]}")
            time.sleep(self.poll / 10)
        return None

    def upload(self, handle: str, folder: Path, notes: str, new: bool) -> None:
        """Create a dataset, or a new version of it. Kaggle has yet to process it afterward.

        Args:
            handle: `owner/slug`.
            folder: Staged folder with its `dataset-metadata.json`.
            notes: What this version is.
            new: Whether to create it.

        Raises:
            KaggleError: If Kaggle refuses.
        """
        command = ["create"] if new else ["version", "-m", notes]
        said = self.once("datasets", *command, "-p", str(folder), "-r", "zip")
        if "Upload unsuccessful" in said:
            raise TransientError(f"uploading {handle}: {said}")
        if "is being created" not in said:
            raise explained(f"uploading {handle}", said)

    def dataset_files(self, handle: str) -> dict[str, int]:
        """List the files of a dataset's newest version.

        Args:
            handle: `owner/slug`.

        Returns:
            Sizes in bytes, by name.
        """
        return self._listed("datasets", "files", handle)

    def dataset_file(self, handle: str, name: str) -> str | None:
        """Return the text of a small file of a dataset, or None if it is not there.

        Args:
            handle: `owner/slug`.
            name: Name of the file.
        """
        with tempfile.TemporaryDirectory() as folder:
            try:
                self.ask("datasets", "download", handle, "-f", name, "-p", folder, "-q", "-o")
            except KaggleError as error:
                if error.absent:
                    return None
                raise
            file = Path(folder) / name
            return file.read_text("utf-8") if file.is_file() else None

    def download(self, handle: str, folder: Path) -> None:
        """Download a dataset's newest version; all of it, whole.

        Args:
            handle: `owner/slug`.
            folder: Where to.
        """
        expected = self.dataset_files(handle)
        for attempt in range(ATTEMPTS):
            self.ask("datasets", "download", handle, "-p", str(folder), "--unzip", "-q", "-o")
            if not (wrong := _incomplete(folder, expected)):
                return
            self.back_off(attempt)
        raise KaggleError(f"dataset {handle} does not arrive whole: {', '.join(wrong)}")

    def _listed(self, *command: str) -> dict[str, int]:
        sizes: dict[str, int] = {}
        page: list[str] = []
        while True:
            said = self.ask(*command, "--format", "json", "--page-size", PAGE, *page)
            files = json.loads(said[said.index("[") :]) if "[" in said else []
            sizes |= {file["name"]: int(file["size"]) for file in files}
            if not (more := NEXT_PAGE.search(said)):
                return sizes
            page = ["--page-token", more[1]]


def _incomplete(folder: Path, expected: Mapping[str, int]) -> list[str]:
    """Return the names of files that are missing or of another size; those are deleted."""
    wrong = []
    for name, size in expected.items():
        file = folder / name
        if not file.is_file() or file.stat().st_size != size:
            file.unlink(missing_ok=True)
            wrong.append(name)
    return wrong
