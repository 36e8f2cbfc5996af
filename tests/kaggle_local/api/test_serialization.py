from datetime import timedelta

import pytest
from kagglesdk.datasets.types.dataset_api_service import ApiCreateDatasetRequest
from kagglesdk.kernels.types.kernels_api_service import ApiAcceleratorQuota

from kaggle_local.api.serialization import (
    as_datetime,
    as_duration,
    decode,
    take_page,
    unknown_fields,
)
from kaggle_local.errors import ApiError


def test_a_duration_of_days_survives_kagglesdk() -> None:
    quota = ApiAcceleratorQuota()
    quota.total_time_allowed = as_duration(timedelta(hours=30, milliseconds=1))
    assert quota.to_dict() == {"totalTimeAllowed": "108000s"}
    read = ApiAcceleratorQuota.from_dict(quota.to_dict())
    assert read.total_time_allowed == timedelta(hours=30)


def test_times_are_naive_utc() -> None:
    assert as_datetime(0).isoformat() == "1970-01-01T00:00:00"


def test_unknown_fields_are_found_at_any_depth() -> None:
    body = {"title": "x", "new": 1, "directories": [{"directories": [{"newer": 2, "name": "y"}]}]}
    assert unknown_fields(ApiCreateDatasetRequest, body) == ["new", "directories.directories.newer"]


@pytest.mark.parametrize(
    "body", [{"title": 1}, {"isPrivate": "yes"}, {"files": [{"token": 3}]}, {"categoryIds": [1]}]
)
def test_a_field_of_the_wrong_type_is_named(body: dict[str, object]) -> None:
    with pytest.raises(ApiError, match="must be"):
        decode(ApiCreateDatasetRequest, body)


def test_pages_follow_each_other() -> None:
    items = list(range(45))
    first, token = take_page(items, None, None)
    second, token = take_page(items, token, 20)
    third, last = take_page(items, token, 20)
    assert first + second + third == items
    assert last == ""
    assert take_page(items, None, 20, number=3)[0] == third
    assert take_page([], "", 0) == ([], "")


@pytest.mark.parametrize("token", ["-1", "x", "1.5", "99999999999999999999x"])
def test_an_invalid_page_token_is_refused(token: str) -> None:
    with pytest.raises(ApiError, match="pageToken"):
        take_page([1], token, 20)
