"""Kernels on disk: numbered versions, each with its source, session, log and output.

A version holds `push.json`, `src/`, `session.json`, `log.jsonl` and `output/`.
"""

from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from kaggle_local.handles import Handle
from kaggle_local.state.collection import Collection, Version
from kaggle_local.state.files import read_json, write_json
from kaggle_local.state.store import Store, now


class SessionState(Enum):
    """The state of a session; the names are Kaggle's."""

    NEW_SCRIPT = "saved, not run"
    QUEUED = "waiting"
    RUNNING = "running"
    COMPLETE = "successful"
    ERROR = "failed"
    CANCEL_ACKNOWLEDGED = "stopped"

    @property
    def is_over(self) -> bool:
        """Whether the state is final."""
        return self not in (SessionState.QUEUED, SessionState.RUNNING)


@dataclass(frozen=True)
class Session:
    """One run; times are in seconds since the epoch."""

    state: SessionState
    queued: float
    started: float | None = None
    ended: float | None = None
    failure: str = ""


@dataclass(frozen=True)
class Push:
    """The settings of a pushed kernel."""

    title: str
    kernel_type: str  # script or notebook
    is_private: bool
    internet: bool
    accelerator: str  # gpu, tpu or ""
    machine_shape: str  # such as NvidiaTeslaT4, or ""
    timeout: float  # longest run, in seconds
    datasets: list[str]  # sources as the user wrote them
    kernels: list[str]
    keywords: list[str]
    docker_image: str
    mounts: list[tuple[str, str, str, int]]  # (kind, owner, slug, version), resolved at the push


@dataclass(frozen=True)
class KernelVersion(Version):
    """One version of a kernel."""

    @property
    def push(self) -> Push:
        """Settings of the push."""
        return Push(**read_json(self.folder / "push.json"))

    @property
    def source(self) -> Path:
        """File of the pushed source."""
        is_notebook = self.push.kernel_type == "notebook"
        return self.folder / "src" / ("script.ipynb" if is_notebook else "script.py")

    @property
    def output(self) -> Path:
        """Folder of the output; `/kaggle/working` during the run."""
        return self.folder / "output"

    @property
    def log(self) -> Path:
        """File of the log, one JSON object per line."""
        return self.folder / "log.jsonl"

    @property
    def session(self) -> Session:
        """State of the run."""
        record = read_json(self.folder / "session.json")
        return Session(**(record | {"state": SessionState[record["state"]]}))

    def write_session(self, session: Session) -> None:
        """Replace the state of the run."""
        record = asdict(session) | {"state": session.state.name}
        write_json(self.folder / "session.json", record)

    def update_session(self, **changes: Any) -> None:
        """Change some fields of `session`."""
        self.write_session(replace(self.session, **changes))


class Kernels(Collection[KernelVersion]):
    """All kernels of a state folder."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, "kernel", KernelVersion)

    def last_complete(self, handle: Handle) -> KernelVersion | None:
        """Return the newest version whose run was successful: downstream kernels mount it."""
        for version in reversed(self.versions(handle)):
            if version.session.state is SessionState.COMPLETE:
                return version
        return None

    def all_versions(self) -> list[KernelVersion]:
        """List all versions of all kernels."""
        return [version for handle in self.handles() for version in self.versions(handle)]

    def add_version(
        self, handle: Handle, push: Push, text: str, state: SessionState
    ) -> KernelVersion:
        """Store a new version; `text` is the source of the script or notebook."""
        with self.new_version(handle) as (draft, version):
            write_json(draft.folder / "push.json", asdict(push))
            draft.write_session(Session(state, queued=now()))
            draft.output.mkdir()
            draft.source.parent.mkdir()
            draft.source.write_text(text, encoding="utf-8")
            draft.source.chmod(0o444)
        return version
