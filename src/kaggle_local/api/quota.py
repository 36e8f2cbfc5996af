"""Quotas: sessions at once, and accelerator hours per week."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kagglesdk.kernels.types.kernels_api_service import (
    ApiAcceleratorQuota,
    ApiGetAcceleratorQuotaStatisticsRequest,
    ApiGetAcceleratorQuotaStatisticsResponse,
)

from kaggle_local.api.serialization import as_duration, build
from kaggle_local.errors import ApiError
from kaggle_local.settings import Limits
from kaggle_local.state.kernels import Kernels, KernelVersion
from kaggle_local.state.store import now

_SATURDAY = 5
# As Kaggle's client documents them; the last ones are retired, and run on others.
_SHAPES = {"", "None", "NvidiaTeslaT4", "NvidiaTeslaT4Highmem", "NvidiaTeslaA100", "NvidiaL4"}
_SHAPES |= {"NvidiaL4X1", "NvidiaH100", "NvidiaRtxPro6000", "TpuV5E8", "TpuV6E8"}
_SHAPES |= {"NvidiaTeslaP100", "TpuV38", "Tpu1VmV38", "TpuV232", "TpuV2256"}


def accelerator_of(machine_shape: str, enable_gpu: bool, enable_tpu: bool) -> str:
    """Return the accelerator that a push requests: `gpu`, `tpu` or "".

    The shape, such as `NvidiaTeslaT4` or `TpuV5E8`, overrides the deprecated flags. One that
    Kaggle does not know is a 400 `ApiError`.
    """
    if machine_shape not in _SHAPES:
        known = ", ".join(sorted(_SHAPES - {""}))
        raise ApiError(400, f"'machine_shape' must be one of {known}, received '{machine_shape}'")
    shape = machine_shape.lower()
    if shape.startswith(("nvidia", "gpu")):
        return "gpu"
    if shape.startswith("tpu") or enable_tpu:
        return "tpu"
    return "gpu" if enable_gpu else ""


@dataclass(frozen=True)
class Quota:
    """Counts sessions and accelerator hours."""

    kernels: Kernels
    limits: Limits

    def get_accelerator_quota_statistics(
        self, request: ApiGetAcceleratorQuotaStatisticsRequest
    ) -> ApiGetAcceleratorQuotaStatisticsResponse:
        """Return the used and allowed hours of this week."""
        return build(
            ApiGetAcceleratorQuotaStatisticsResponse,
            quota_refresh_time=self.next_refresh().replace(tzinfo=None),
            gpu_quota=self._hours("gpu"),
            tpu_quota=self._hours("tpu"),
        )

    def exceeded_limit(self, accelerator: str, running: list[KernelVersion]) -> str:
        """Return, in Kaggle's words, why another session cannot start, or "" if it can."""
        kind = accelerator.upper() or "CPU"
        same = [version for version in running if version.push.accelerator == accelerator]
        cap = self.limits.cpu_sessions if kind == "CPU" else self.limits.gpu_sessions
        if len(same) >= cap:
            return f"Maximum batch {kind} session count of {cap} reached."
        if accelerator and self.used(accelerator) >= self.allowed(accelerator):
            hours = self.allowed(accelerator) / timedelta(hours=1)
            return f"Maximum weekly {kind} quota of {hours:.2f} hours reached."
        return ""

    def used(self, accelerator: str) -> timedelta:
        """Sum this week's sessions on `gpu` or `tpu`."""
        begin = (self.next_refresh() - timedelta(days=7)).timestamp()
        seconds = 0.0
        for version in self.kernels.all_versions():
            session = version.session
            if version.push.accelerator == accelerator and session.started:
                end = session.ended or now()
                seconds += max(0.0, end - max(begin, session.started))
        return timedelta(seconds=int(seconds))

    def allowed(self, accelerator: str) -> timedelta:
        """Return the weekly hours on `gpu` or `tpu`."""
        limits = self.limits
        return timedelta(hours=limits.gpu_hours if accelerator == "gpu" else limits.tpu_hours)

    def next_refresh(self) -> datetime:
        """Return the start of the next week: Saturday, 00:00 UTC."""
        today = datetime.fromtimestamp(now(), UTC).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        return today + timedelta(days=(_SATURDAY - today.weekday() - 1) % 7 + 1)

    def _hours(self, accelerator: str) -> ApiAcceleratorQuota:
        return build(
            ApiAcceleratorQuota,
            time_used=as_duration(self.used(accelerator)),
            total_time_allowed=as_duration(self.allowed(accelerator)),
        )
