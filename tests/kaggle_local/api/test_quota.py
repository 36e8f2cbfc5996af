from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from tests.support.stand_in import Kaggle

from kaggle_local.api import quota
from kaggle_local.api.quota import Quota, accelerator_of
from kaggle_local.settings import Limits
from kaggle_local.state.kernels import Kernels
from kaggle_local.state.store import Store


@pytest.mark.parametrize(
    ("shape", "gpu", "tpu", "expected"),
    [
        ("NvidiaTeslaT4", False, False, "gpu"),
        ("TpuV5E8", True, False, "tpu"),
        ("", True, False, "gpu"),
        ("", True, True, "tpu"),
        ("None", False, False, ""),
        ("", False, False, ""),
    ],
)
def test_the_machine_shape_overrides_the_flags(
    shape: str, gpu: bool, tpu: bool, expected: str
) -> None:
    assert accelerator_of(shape, gpu, tpu) == expected


@pytest.mark.parametrize(
    ("today", "refresh"),
    [("2026-11-23", "2026-11-28"), ("2026-11-27", "2026-11-28"), ("2026-11-28", "2026-12-05")],
)
def test_the_week_ends_on_saturday(
    tmp_path, monkeypatch: pytest.MonkeyPatch, today: str, refresh: str
) -> None:
    noon = datetime.fromisoformat(f"{today}T12:00:00").replace(tzinfo=UTC)
    monkeypatch.setattr(quota, "now", noon.timestamp)
    week = Quota(Kernels(Store(tmp_path)), Limits())
    assert week.next_refresh() == datetime.fromisoformat(refresh).replace(tzinfo=UTC)


def test_spent_gpu_hours_are_counted_and_refused(start: Callable[..., Kaggle]) -> None:
    kaggle = start(limits={"gpu_hours": 1 / 3600})
    kaggle.save("use-gpu", "import time\ntime.sleep(1.1)", enableGpu=True)
    assert kaggle.wait_for_end("use-gpu") == "COMPLETE"

    folder = kaggle.kernel("more-gpu", "pass", enable_gpu=True)
    output = kaggle.ok("kernels", "push", "-p", str(folder))

    assert "Kernel push error: Maximum weekly GPU quota of 0.00 hours reached." in output
    kaggle.push("no-gpu", "pass")


def test_more_sessions_than_allowed_are_refused_in_kaggles_words(
    start: Callable[..., Kaggle],
) -> None:
    kaggle = start(limits={"cpu_sessions": 1})
    kaggle.save("run-long", "import time\ntime.sleep(60)")
    output = kaggle.ok("kernels", "push", "-p", str(kaggle.kernel("one-more", "pass")))
    assert "Kernel push error: Maximum batch CPU session count of 1 reached." in output
    kaggle.save("gpu-one", "pass", enableGpu=True)
