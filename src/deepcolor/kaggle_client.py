"""The official `kaggle` command as a subprocess, judged by what it says and not by its exit status.

A rejected push, an invalid source and a dataset that already exists all end with status 0, so each
method looks for the words of success, and publications are verified by asking the service.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deepcolor.errors import DeepColorError
from deepcolor.project import DATASET, read_metadata

FINAL_STATES = ("COMPLETE", "ERROR", "CANCEL_ACKNOWLEDGED")
ABSENT = re.compile(r"\b(403|404)\b|no dataset|not found|denied|permission", re.IGNORECASE)


class KaggleError(DeepColorError):
    """The `kaggle` command failed, or said that the service refused."""


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


class Kaggle:
    """The `kaggle` command of this environment, against Kaggle or its stand-in.

    Args:
        environment: Environment variables that it runs with; they decide which service it talks to.
        poll: Seconds between two questions about something unfinished.
    """

    def __init__(self, environment: Mapping[str, str], poll: float = 10.0):
        self.environment = dict(environment)
        self.poll = poll
        self.command = str(Path(sys.executable).with_name("kaggle"))

    def run(self, *arguments: str) -> str:
        """Run `kaggle ARGUMENTS` and return what it printed.

        Raises:
            KaggleError: If it ends with a status other than 0; carries what it printed.
        """
        done = subprocess.run(
            [self.command, *arguments], env=self.environment, capture_output=True, text=True
        )
        said = "\n".join(text for text in (done.stdout.strip(), done.stderr.strip()) if text)
        if done.returncode:
            raise KaggleError(f"kaggle {' '.join(arguments[:2])} failed: {said or 'no message'}")
        return said

    def username(self) -> str:
        """Return the name of the authenticated user.

        Raises:
            KaggleError: If nobody is.
        """
        found = re.search(r"^- username: (\S+)", self.run("config", "view"), re.MULTILINE)
        if not found or found[1] == "None":
            raise KaggleError(
                "not authenticated with Kaggle: create a token in your account settings"
            )
        return found[1]

    def push(self, folder: Path) -> int:
        """Push a kernel, which makes Kaggle run it.

        Args:
            folder: Staged folder of the kernel.

        Returns:
            Its new version.

        Raises:
            KaggleError: If the push is refused, or Kaggle does not know one of the sources.
        """
        said = self.run("kernels", "push", "-p", str(folder))
        pushed = re.search(r"Kernel version (\d+) successfully pushed", said)
        if not pushed:
            raise KaggleError(f"the push of {folder.name} was refused: {said}")
        if "not valid" in said:
            raise KaggleError(f"{folder.name} was pushed without all of its inputs: {said}")
        return int(pushed[1])

    def status(self, kernel: str) -> KernelStatus:
        """Ask where a kernel stands.

        Args:
            kernel: `owner/slug`.
        """
        said = self.run("kernels", "status", kernel)
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

    def output(self, kernel: str, folder: Path) -> None:
        """Download a kernel's output files, and its log as `<slug>.log`.

        Args:
            kernel: `owner/slug`.
            folder: Where to.
        """
        self.run("kernels", "output", kernel, "-p", str(folder), "-o", "--page-size", "200")

    def dataset_version(self, handle: str) -> tuple[str, int] | None:
        """Ask for a dataset's state and newest version.

        Args:
            handle: `owner/slug`.

        Returns:
            `("ready", 3)` for instance, or None if there is no such dataset.
        """
        try:
            said = self.run("datasets", "status", handle, "--format", "json")
        except KaggleError as error:
            if ABSENT.search(str(error)):
                return None
            raise
        found = json.loads(said[said.index("{") :])
        return str(found["status"]).lower(), int(found["current_version_number"])

    def publish(self, folder: Path, notes: str) -> int:
        """Create a dataset, or a new version of it, and wait until Kaggle serves it.

        Args:
            folder: Staged folder with its `dataset-metadata.json`.
            notes: What this version is.

        Returns:
            The version.

        Raises:
            KaggleError: If Kaggle refuses, or does not list what was uploaded.
        """
        handle = read_metadata(folder / DATASET)["id"]
        before = self.dataset_version(handle)
        command = ("version", "-m", notes) if before else ("create",)
        said = self.run("datasets", *command, "-p", str(folder), "-r", "zip", "-q")
        if "is being created" not in said:
            raise KaggleError(f"dataset {handle} was not accepted: {said}")
        version = before[1] + 1 if before else 1
        self._wait_until_ready(handle, version)
        self._verify(handle, folder)
        return version

    def _wait_until_ready(self, handle: str, version: int, seconds: float = 3600) -> None:
        deadline = time.monotonic() + seconds
        while (found := self.dataset_version(handle)) != ("ready", version):
            if found and found[0] == "failed":
                raise KaggleError(f"Kaggle could not process dataset {handle}")
            if time.monotonic() > deadline:
                raise KaggleError(f"dataset {handle} is not ready after {seconds:.0f} s: {found}")
            time.sleep(self.poll / 10)

    def _verify(self, handle: str, folder: Path) -> None:
        listed = {name.split("/")[0] for name in self.dataset_files(handle)}
        uploaded = {path for path in folder.iterdir() if path.name != DATASET}
        missing = (
            {path.name for path in uploaded}
            - listed
            - {p.name for p in uploaded if p.suffix == ".zip"}
        )
        if missing:
            raise KaggleError(f"dataset {handle} lacks {', '.join(sorted(missing))}")

    def dataset_files(self, handle: str) -> list[str]:
        """List the files of a dataset's newest version (the first 200).

        Args:
            handle: `owner/slug`.
        """
        said = self.run("datasets", "files", handle, "--format", "json", "--page-size", "200")
        listed = json.loads(said[said.index("[") :])
        return [file["name"] for file in listed]

    def download(self, handle: str, folder: Path) -> None:
        """Download a dataset's newest version.

        Args:
            handle: `owner/slug`.
            folder: Where to.
        """
        self.run("datasets", "download", handle, "-p", str(folder), "--unzip", "-q", "-o")
