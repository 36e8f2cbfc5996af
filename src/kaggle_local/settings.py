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
    """Quotas, caps and delays. All defaults but `processing_seconds` are Kaggle's.

    Attributes:
        processing_seconds: Time until a new dataset version is ready.
        gpu_hours: GPU hours per week.
        tpu_hours: TPU hours per week.
        gpu_sessions: GPU (and TPU) kernels that may run at once.
        cpu_sessions: CPU kernels that may run at once.
        session_hours: Longest run of one kernel.
        output_bytes: Largest total size of `/kaggle/working`.
        source_bytes: Largest size of a kernel's source.
    """

    processing_seconds: float = 0.3
    gpu_hours: float = 30.0
    tpu_hours: float = 20.0
    gpu_sessions: int = 2
    cpu_sessions: int = 5
    session_hours: float = 12.0
    output_bytes: int = 20 * 10**9
    source_bytes: int = 1 << 20


@dataclass(frozen=True)
class Settings:
    """Everything that a server is started with.

    Attributes:
        root: State folder.
        user: User name that the server's token belongs to.
        port: Port on 127.0.0.1; 0 for any free one.
        layout: Layout of the input folder.
        idle_exit: Seconds without a request or a running kernel until the server exits; 0 for
            never.
        limits: Quotas, caps and delays.
    """

    root: Path
    user: str = "local-kaggler"
    port: int = 0
    layout: Layout = Layout.BY_OWNER
    idle_exit: float = 0.0
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not is_name(self.user):
            raise ValueError(
                f"a user name has lower-case letters, digits, '-' and '_', received '{self.user}'"
            )
