"""The numbers of the service: what Kaggle grants, and how quickly the stand-in answers."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """Quotas, caps and delays; the defaults are Kaggle's, except for the short delay."""

    processing_seconds: float = field(
        default=0.3, metadata={"help": "time until a new dataset version is READY"}
    )
    gpu_hours: float = field(default=30.0, metadata={"help": "GPU hours a week"})
    tpu_hours: float = field(default=20.0, metadata={"help": "TPU hours a week"})
    gpu_sessions: int = field(default=2, metadata={"help": "GPU kernels running at once"})
    cpu_sessions: int = field(default=5, metadata={"help": "CPU kernels running at once"})
    session_hours: float = field(default=12.0, metadata={"help": "longest run of one kernel"})
    output_bytes: int = field(
        default=20 * 10**9, metadata={"help": "most that /kaggle/working may hold"}
    )
    source_bytes: int = field(default=1 << 20, metadata={"help": "longest kernel source"})
