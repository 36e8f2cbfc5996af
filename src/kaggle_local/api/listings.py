"""What there is: the lists of datasets and kernels, with the filters that the client offers."""

from typing import Any

from kagglesdk.datasets.types.dataset_api_service import (
    ApiListDatasetsRequest,
    ApiListDatasetsResponse,
)
from kagglesdk.datasets.types.dataset_enums import DatasetSelectionGroup, DatasetSortBy
from kagglesdk.kernels.types.kernels_api_service import (
    ApiListKernelsRequest,
    ApiListKernelsResponse,
)
from kagglesdk.kernels.types.kernels_enums import KernelsListSortType, KernelsListViewType

from kaggle_local.api.dataset_reads import DatasetReads
from kaggle_local.api.kernel_reads import KernelCalls
from kaggle_local.api.serialization import page_of
from kaggle_local.handles import Handle
from kaggle_local.state.datasets import Datasets
from kaggle_local.state.kernel_version import KernelVersion
from kaggle_local.state.kernels import Kernels


class ListingCalls:
    """The calls `ListDatasets` and `ListKernels`.

    Args:
        datasets: What is stored.
        kernels: What is stored.
        dataset_reads: Describes a dataset.
        kernel_calls: Describes a kernel.
        user: Who the server's token belongs to.
    """

    def __init__(
        self,
        datasets: Datasets,
        kernels: Kernels,
        dataset_reads: DatasetReads,
        kernel_calls: KernelCalls,
        user: str,
    ) -> None:
        self._datasets = datasets
        self._kernels = kernels
        self._dataset_reads = dataset_reads
        self._kernel_calls = kernel_calls
        self._user = user

    def list_datasets(self, request: ApiListDatasetsRequest) -> ApiListDatasetsResponse:
        """List datasets, the newest first, by owner, words and size."""
        mine = request.group is DatasetSelectionGroup.DATASET_SELECTION_GROUP_MY
        owner = self._user if mine else request.user
        handles = self._visible(self._datasets, owner, request.search)
        found = [self._dataset_reads.described(handle) for handle in handles]
        if request.min_size or request.max_size:
            most = request.max_size or float("inf")
            found = [d for d in found if (request.min_size or 0) <= d.total_bytes <= most]
        found.sort(key=lambda dataset: dataset.last_updated, reverse=True)
        if request.sort_by is DatasetSortBy.DATASET_SORT_BY_PUBLISHED:
            found.sort(key=lambda dataset: dataset.versions[0].creation_date, reverse=True)
        page, token = page_of(found, request.page_token, request.page_size, request.page)
        response = ApiListDatasetsResponse()
        response.datasets, response.next_page_token = page, token
        return response

    def list_kernels(self, request: ApiListKernelsRequest) -> ApiListKernelsResponse:
        """List kernels, the last run first, by owner, words, type and source."""
        mine = request.group is KernelsListViewType.PROFILE
        owner = self._user if mine else request.user
        handles = self._visible(self._kernels, owner, request.search)
        found = [self._kernels.version(handle) for handle in handles]
        found = [version for version in found if _fits(version, request)]
        found.sort(key=lambda version: version.session.queued, reverse=True)
        if request.sort_by is KernelsListSortType.DATE_CREATED:
            found.sort(key=lambda v: self._kernels.record(v.handle)["created"], reverse=True)
        page, token = page_of(found, request.page_token, request.page_size, request.page)
        response = ApiListKernelsResponse()
        response.kernels = [self._kernel_calls.described(version) for version in page]
        response.next_page_token = token
        return response

    def _visible(self, things: Any, owner: str, search: str) -> list[Handle]:
        found = []
        for handle in things.handles():
            record = things.record(handle)
            readable = handle.owner == self._user or not record["is_private"]
            words = f"{handle} {record['title']}".lower()
            if readable and owner in ("", handle.owner) and (search or "").lower() in words:
                found.append(handle)
        return found


def _fits(version: KernelVersion, request: ApiListKernelsRequest) -> bool:
    push = version.push
    return (
        request.kernel_type in ("", "all", push.kernel_type)
        and request.language in ("", "all", "python")
        and (not request.dataset or request.dataset in push.datasets)
        and (not request.parent_kernel or request.parent_kernel in push.kernels)
        and not request.competition
    )
