"""The whole service without HTTP: every call by name, over one state folder."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kagglesdk.blobs.types.blob_api_service import ApiStartBlobUploadRequest
from kagglesdk.datasets.types import dataset_api_service as datasets_api
from kagglesdk.kernels.types import kernels_api_service as kernels_api
from kagglesdk.models.types.model_api_service import ApiGetModelRequest
from kagglesdk.security.types.oauth_service import IntrospectTokenRequest

from kaggle_local.api.auth import AccountCalls
from kaggle_local.api.dataset_reads import DatasetReads
from kaggle_local.api.dataset_writes import DatasetWrites
from kaggle_local.api.kernel_reads import KernelCalls
from kaggle_local.api.listings import ListingCalls
from kaggle_local.api.save_kernel import Pushes
from kaggle_local.limits import Limits
from kaggle_local.runner.runner import Runner
from kaggle_local.runner.sandbox import Server
from kaggle_local.state.datasets import Datasets
from kaggle_local.state.kernels import Kernels
from kaggle_local.state.signed_urls import Links
from kaggle_local.state.store import Store
from kaggle_local.state.uploads import Blobs

DATASETS = "datasets.DatasetApiService"
KERNELS = "kernels.KernelsApiService"
BLOBS = "blobs.BlobApiService"
OAUTH = "security.OAuthService"
DIAGNOSTICS = "api.v1.DiagnosticsService"


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes:
        request: The kagglesdk class of what is asked.
        answer: Takes the request; gives a kagglesdk object, a dict or a `Redirect`.
    """

    request: Any
    answer: Callable[[Any], Any]


class Service:
    """Everything the server can do.

    Args:
        store: The state folder, opened.
        user: Who the server's token belongs to.
        layout: Where kernels find their inputs.
        limits: Quotas, caps and delays.
        url: The server's own address.
    """

    def __init__(self, store: Store, user: str, layout: str, limits: Limits, url: str) -> None:
        self.store = store
        self.user = user
        self.url = url
        self.accounts = AccountCalls(user, store.token)
        self.blobs = Blobs(store)
        self.links = Links(store)
        self._datasets = Datasets(store, self.blobs, limits.processing_seconds)
        self._kernels = Kernels(store)
        self.runner = Runner(store, self._kernels, limits, layout, Server(url, store.token))
        self.kernels = KernelCalls(self._kernels, self.runner, self.links, limits, user)
        self.calls = self._calls(limits)

    def _calls(self, limits: Limits) -> dict[str, Call]:
        reads = DatasetReads(self._datasets, self.links, self.user)
        writes = DatasetWrites(self.store, self._datasets, self.user)
        pushes = Pushes(self.store, self._kernels, self._datasets, self.runner, limits, self.user)
        listings = ListingCalls(self._datasets, self._kernels, reads, self.kernels, self.user)
        return {
            **_named(OAUTH, [Call(IntrospectTokenRequest, self.accounts.introspect_token)]),
            **_named(BLOBS, [Call(ApiStartBlobUploadRequest, self.blobs.start_blob_upload)]),
            # kagglehub itself sends this call with the request class of another one.
            **_named(DIAGNOSTICS, [Call(ApiGetModelRequest, self.accounts.hello)]),
            **_named(KERNELS, _kernel_calls(pushes, self.kernels, listings)),
            **_named(DATASETS, _dataset_calls(reads, writes, listings)),
        }


def _kernel_calls(pushes: Pushes, kernels: KernelCalls, listings: ListingCalls) -> list[Call]:
    return [
        Call(kernels_api.ApiSaveKernelRequest, pushes.save_kernel),
        Call(kernels_api.ApiGetKernelRequest, kernels.get_kernel),
        Call(kernels_api.ApiDeleteKernelRequest, kernels.delete_kernel),
        Call(kernels_api.ApiGetKernelSessionStatusRequest, kernels.get_kernel_session_status),
        Call(kernels_api.ApiListKernelSessionOutputRequest, kernels.list_kernel_session_output),
        Call(kernels_api.ApiListKernelFilesRequest, kernels.list_kernel_files),
        Call(kernels_api.ApiListKernelsRequest, listings.list_kernels),
        Call(
            kernels_api.ApiGetAcceleratorQuotaStatisticsRequest,
            kernels.get_accelerator_quota_statistics,
        ),
    ]


def _dataset_calls(
    reads: DatasetReads, writes: DatasetWrites, listings: ListingCalls
) -> list[Call]:
    return [
        Call(datasets_api.ApiCreateDatasetRequest, writes.create_dataset),
        Call(datasets_api.ApiCreateDatasetVersionRequest, writes.create_dataset_version),
        Call(datasets_api.ApiCreateDatasetVersionByIdRequest, writes.create_dataset_version_by_id),
        Call(datasets_api.ApiUpdateDatasetMetadataRequest, writes.update_dataset_metadata),
        Call(datasets_api.ApiDeleteDatasetRequest, writes.delete_dataset),
        Call(datasets_api.ApiGetDatasetStatusRequest, reads.get_dataset_status),
        Call(datasets_api.ApiGetDatasetRequest, reads.get_dataset),
        Call(datasets_api.ApiGetDatasetMetadataRequest, reads.get_dataset_metadata),
        Call(datasets_api.ApiListDatasetFilesRequest, reads.list_dataset_files),
        Call(datasets_api.ApiDownloadDatasetRequest, reads.download_dataset),
        Call(datasets_api.ApiListDatasetsRequest, listings.list_datasets),
    ]


def _named(service: str, calls: list[Call]) -> dict[str, Call]:
    # `create_dataset` answers `CreateDataset`, as in kagglesdk's own client.
    return {f"{service}/{call.answer.__name__.title().replace('_', '')}": call for call in calls}
