"""A version of a kernel: what was pushed, and how its run stands."""

from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from kaggle_local.handles import Handle
from kaggle_local.state.files import read_json, write_json

SCRIPT, NOTEBOOK = "script.py", "script.ipynb"


class State(Enum):
    """How a session stands; the names are Kaggle's."""

    NEW_SCRIPT = "saved without being run"
    QUEUED = "about to run"
    RUNNING = "running"
    COMPLETE = "ended well"
    ERROR = "ended badly"
    CANCEL_ACKNOWLEDGED = "was stopped"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True)
class Session:
    """One run.

    Attributes:
        state: How it stands.
        queued: When it was pushed, in seconds since the epoch.
        started: When it began, or None.
        ended: When it ended, or None.
        failure: Why it ended badly, or "".
    """

    state: State
    queued: float
    started: float | None = None
    ended: float | None = None
    failure: str = ""


@dataclass(frozen=True)
class Push:
    """What was pushed, and what was mounted for it.

    Attributes:
        title: The kernel's title.
        kernel_type: `script` or `notebook`.
        is_private: Whether only its owner sees it.
        internet: Whether it may use the network.
        accelerator: `gpu`, `tpu` or "".
        machine_shape: What was asked for by name, such as `NvidiaTeslaT4`.
        timeout: The longest it may run, in seconds.
        datasets: The sources as they were named.
        kernels: The sources as they were named.
        keywords: The tags.
        docker_image: The image that was asked for.
        mounts: `(kind, owner, slug, version)` of each valid source, pinned when it was pushed.
    """

    title: str
    kernel_type: str
    is_private: bool
    internet: bool
    accelerator: str
    machine_shape: str
    timeout: float
    datasets: list[str]
    kernels: list[str]
    keywords: list[str]
    docker_image: str
    mounts: list[tuple[str, str, str, int]]


@dataclass(frozen=True)
class KernelVersion:
    """One version of a kernel.

    Attributes:
        handle: The kernel.
        number: Counts from 1.
        folder: Where it lives.
    """

    handle: Handle
    number: int
    folder: Path

    @property
    def push(self) -> Push:
        """What was pushed."""
        return Push(**read_json(self.folder / "push.json"))

    @property
    def source(self) -> Path:
        """The pushed text."""
        return self.folder / "src" / (NOTEBOOK if self.push.kernel_type == "notebook" else SCRIPT)

    @property
    def output(self) -> Path:
        """What the run leaves behind; `/kaggle/working` while it runs."""
        return self.folder / "output"

    @property
    def log(self) -> Path:
        """The log, one JSON object a line."""
        return self.folder / "log.jsonl"

    @property
    def session(self) -> Session:
        """How the run stands."""
        record = read_json(self.folder / "session.json")
        return Session(**(record | {"state": State[record["state"]]}))

    def update(self, **changes: Any) -> Session:
        """Change how the run stands.

        Returns:
            The session after the change.
        """
        session = replace(self.session, **changes)
        write_session(self.folder, session)
        return session


def write_session(folder: Path, session: Session) -> None:
    """Write `session.json` in the folder of a version."""
    write_json(folder / "session.json", asdict(session) | {"state": session.state.name})
