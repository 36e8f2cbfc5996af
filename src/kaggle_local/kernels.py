"""Kernels on disk: numbered versions, each with its source, its session, its log and its output.

A kernel is `kernels/<owner>/<slug>/` with `kernel.json` and `versions/<n>/`: `push.json` (what was
pushed, never changed), `src/`, `session.json` (how the run stands), `log.jsonl` and `output/`.
"""

from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle
from kaggle_local.store import (
    Store,
    now,
    read_json,
    remove_tree,
    unfinished,
    versions_of,
    write_json,
)

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


class Kernels:
    """Every kernel of a state folder.

    Args:
        store: The state folder.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def handles(self) -> list[Handle]:
        """List every kernel."""
        records = self._store.kernels.glob("*/*/kernel.json")
        return sorted(Handle(path.parts[-3], path.parts[-2]) for path in records)

    def exists(self, handle: Handle) -> bool:
        """Tell whether there is such a kernel."""
        return (self._folder(handle) / "kernel.json").exists()

    def record(self, handle: Handle) -> dict[str, Any]:
        """Read what is known of a kernel: `id`, `title`, `is_private`, `created`.

        Raises:
            ApiError: 404, there is none.
        """
        if not self.exists(handle):
            raise ApiError(404, f"there is no kernel '{handle}'")
        return read_json(self._folder(handle) / "kernel.json")

    def write_record(self, handle: Handle, record: dict[str, Any]) -> None:
        """Replace what is known of a kernel; the first time this brings it into being."""
        write_json(self._folder(handle) / "kernel.json", record)

    def versions(self, handle: Handle) -> list[KernelVersion]:
        """List the versions of a kernel, oldest first."""
        folder = self._folder(handle)
        numbers = versions_of(folder)
        return [KernelVersion(handle, n, folder / "versions" / str(n)) for n in numbers]

    def version(self, handle: Handle, number: int | None = None) -> KernelVersion:
        """Find one version, the newest where no number is given.

        Raises:
            ApiError: 404, it does not exist.
        """
        found = [v for v in self.versions(handle) if number in (None, v.number)]
        if not found:
            raise ApiError(404, f"there is no version {number} of the kernel '{handle}'")
        return found[-1]

    def last_complete(self, handle: Handle) -> KernelVersion | None:
        """Find the newest version whose run ended well: what downstream kernels mount."""
        whole = [v for v in self.versions(handle) if v.session.state is State.COMPLETE]
        return whole[-1] if whole else None

    def all_versions(self) -> list[KernelVersion]:
        """List every version of every kernel."""
        return [version for handle in self.handles() for version in self.versions(handle)]

    def add_version(self, handle: Handle, push: Push, text: str, state: State) -> KernelVersion:
        """Store what was pushed; it appears whole or not at all."""
        versions = self._folder(handle) / "versions"
        folder = unfinished(versions)
        try:
            for name in ("src", "output"):
                (folder / name).mkdir()
            write_json(folder / "push.json", asdict(push))
            write_session(folder, Session(state, queued=now()))
            number = max([0, *versions_of(versions.parent)]) + 1
            version = KernelVersion(handle, number, folder)
            version.source.write_text(text, encoding="utf-8")
            version.source.chmod(0o444)
            folder.rename(versions / str(number))
        except BaseException:
            remove_tree(folder)
            raise
        return replace(version, folder=versions / str(number))

    def discard(self, handle: Handle) -> None:
        """Delete a kernel with all its versions."""
        self._store.discard(self._folder(handle))

    def _folder(self, handle: Handle) -> Path:
        return self._store.of(self._store.kernels, handle)
