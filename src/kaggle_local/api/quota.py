"""What a user may run: sessions at once, and accelerator hours a week."""

from datetime import UTC, datetime, timedelta

from kaggle_local.limits import Limits
from kaggle_local.state.kernel_version import KernelVersion
from kaggle_local.state.kernels import Kernels
from kaggle_local.state.store import now

_SATURDAY = 5


def accelerator_of(machine_shape: str, enable_gpu: bool, enable_tpu: bool) -> str:
    """Tell what a push asks for.

    Args:
        machine_shape: Such as `NvidiaTeslaT4` or `TpuV5E8`; it outranks the flags.
        enable_gpu: The deprecated flag.
        enable_tpu: The deprecated flag.

    Returns:
        `gpu`, `tpu` or "".
    """
    shape = machine_shape.lower()
    if shape.startswith(("nvidia", "gpu")):
        return "gpu"
    if shape.startswith("tpu"):
        return "tpu"
    if enable_tpu:
        return "tpu"
    return "gpu" if enable_gpu else ""


class Quota:
    """Counts sessions and hours.

    Args:
        kernels: Whose sessions are counted.
        limits: What is allowed.
    """

    def __init__(self, kernels: Kernels, limits: Limits) -> None:
        self._kernels = kernels
        self._limits = limits

    def refusal(self, accelerator: str, running: list[KernelVersion]) -> str:
        """Say why another session cannot start, in Kaggle's words.

        Args:
            accelerator: `gpu`, `tpu` or "".
            running: The sessions under way.

        Returns:
            The reason, or "" where it can.
        """
        kind = accelerator.upper() or "CPU"
        same = [v for v in running if v.push.accelerator == accelerator]
        cap = self._limits.cpu_sessions if kind == "CPU" else self._limits.gpu_sessions
        if len(same) >= cap:
            return f"Maximum batch {kind} session count of {cap} reached."
        if accelerator and self.used(accelerator) >= self.allowed(accelerator):
            hours = self.allowed(accelerator) / timedelta(hours=1)
            return f"Maximum weekly {kind} quota of {hours:.2f} hours reached."
        return ""

    def used(self, accelerator: str) -> timedelta:
        """Add up this week's sessions on `gpu` or `tpu`."""
        begin = (self.refreshes() - timedelta(days=7)).timestamp()
        seconds = 0.0
        for version in self._kernels.all_versions():
            session = version.session
            if version.push.accelerator == accelerator and session.started:
                end = session.ended or now()
                seconds += max(0.0, end - max(begin, session.started))
        return timedelta(seconds=int(seconds))

    def allowed(self, accelerator: str) -> timedelta:
        """Tell the weekly hours on `gpu` or `tpu`."""
        limits = self._limits
        return timedelta(hours=limits.gpu_hours if accelerator == "gpu" else limits.tpu_hours)

    def refreshes(self) -> datetime:
        """Tell when the next week begins: Saturday, 00:00 UTC."""
        today = datetime.fromtimestamp(now(), UTC).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        return today + timedelta(days=(_SATURDAY - today.weekday() - 1) % 7 + 1)
