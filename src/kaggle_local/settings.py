"""The settings of a server."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from kaggle_local.handles import is_name


class Layout(StrEnum):
    """The layout of the input folder; Kaggle has used both."""

    BY_OWNER = "2026"
    LEGACY = "legacy"

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise ValueError(f"`layout` must be {' or '.join(cls)}, received '{value}'")


@dataclass(frozen=True)
class Limits:
    """Quotas, caps and delays. All defaults but `processing_seconds` are Kaggle's."""

    processing_seconds: float = 0.3  # until a new dataset version is ready
    gpu_hours: float = 30.0  # per week
    tpu_hours: float = 20.0  # per week
    gpu_sessions: int = 2  # GPU (and TPU) kernels that may run at once
    cpu_sessions: int = 5  # CPU kernels that may run at once
    session_hours: float = 12.0  # longest run of one kernel
    output_bytes: int = 20 * 10**9  # largest total size of /kaggle/working
    source_bytes: int = 1 << 20  # largest size of a kernel's source


@dataclass(frozen=True)
class Settings:
    """Everything that a server is started with."""

    root: Path  # state folder
    user: str = "local-kaggler"  # name behind the server's token
    port: int = 0  # on 127.0.0.1; 0 for any free one
    layout: Layout = Layout.BY_OWNER
    idle_exit: float = 0.0  # seconds without a request or a running kernel; 0 for never
    limits: Limits = field(default_factory=Limits)
    as_reported: bool = False  # play what users report of Kaggle: see COVERAGE.md

    def __post_init__(self) -> None:
        if not is_name(self.user):
            raise ValueError(
                f"a user name has lower-case letters, digits, '-' and '_', received '{self.user}'"
            )
