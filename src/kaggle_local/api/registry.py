"""All calls of the API by name, without HTTP, over one state folder."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kagglesdk.blobs.types.blob_api_service import ApiStartBlobUploadRequest
from kagglesdk.datasets.types import dataset_api_service as datasets_api
from kagglesdk.kernels.types import kernels_api_service as kernels_api
from kagglesdk.models.types.model_api_service import ApiGetModelRequest
from kagglesdk.security.types.oauth_service import IntrospectTokenRequest

from kaggle_local.api.auth import Auth
from kaggle_local.api.dataset_reads import DatasetReads
from kaggle_local.api.dataset_writes import DatasetWrites
from kaggle_local.api.kernel_reads import KernelReads
from kaggle_local.api.kernel_sources import SourceResolver
from kaggle_local.api.kernel_writes import KernelWrites
from kaggle_local.api.quota import Quota
from kaggle_local.runner.runner import Runner
from kaggle_local.runner.sandbox import ServerAccess
from kaggle_local.settings import Settings
from kaggle_local.state.datasets import Datasets
from kaggle_local.state.kernels import Kernels
from kaggle_local.state.signed_urls import SignedUrls
from kaggle_local.state.store import Store
from kaggle_local.state.uploads import Uploads

DATASETS = "datasets.DatasetApiService"
KERNELS = "kernels.KernelsApiService"
BLOBS = "blobs.BlobApiService"
OAUTH = "security.OAuthService"
DIAGNOSTICS = "api.v1.DiagnosticsService"


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes:
        request_type: kagglesdk class of the request.
        handler: Function from the request to a kagglesdk object, a dict or a `Redirect`.
    """

    request_type: Any
    handler: Callable[[Any], Any]


class Api:
    """The whole API.

    Args:
        store: State folder, opened.
        settings: Settings of the server.
        url: Address of the server.

    Attributes:
        calls: All calls, by `service/Method`.
    """

    def __init__(self, store: Store, settings: Settings, url: str) -> None:
        self.store, self.url = store, url
        self.user, limits = settings.user, settings.limits
        self.auth = Auth(self.user, store.token)
        self.uploads, self.urls = Uploads(store), SignedUrls(store)
        datasets, kernels = Datasets(store, self.uploads, limits.processing_seconds), Kernels(store)
        access = ServerAccess(url, store.token)
        self.runner = Runner(store, kernels, limits, settings.layout, access)
        self.kernels = KernelReads(kernels, self.runner, self.urls, self.user)
        sources, quota = SourceResolver(kernels, datasets, self.user), Quota(kernels, limits)
        pushes = KernelWrites(store, kernels, sources, self.runner, quota, limits, self.user)
        reads = DatasetReads(datasets, self.urls, self.user)
        writes = DatasetWrites(store, datasets, self.uploads, self.user)
        self.calls = {
            **_by_name(OAUTH, [Call(IntrospectTokenRequest, self.auth.introspect_token)]),
            # kagglehub sends `Hello` with the request class of another call.
            **_by_name(DIAGNOSTICS, [Call(ApiGetModelRequest, self.auth.hello)]),
            **_by_name(BLOBS, [Call(ApiStartBlobUploadRequest, writes.start_blob_upload)]),
            **_by_name(KERNELS, _kernel_calls(self.kernels, pushes, quota)),
            **_by_name(DATASETS, _dataset_calls(reads, writes)),
        }


def _kernel_calls(reads: KernelReads, writes: KernelWrites, quota: Quota) -> list[Call]:
    return [
        Call(kernels_api.ApiSaveKernelRequest, writes.save_kernel),
        Call(kernels_api.ApiDeleteKernelRequest, writes.delete_kernel),
        Call(kernels_api.ApiGetKernelRequest, reads.get_kernel),
        Call(kernels_api.ApiGetKernelSessionStatusRequest, reads.get_kernel_session_status),
        Call(kernels_api.ApiListKernelSessionOutputRequest, reads.list_kernel_session_output),
        Call(kernels_api.ApiListKernelFilesRequest, reads.list_kernel_files),
        Call(kernels_api.ApiListKernelsRequest, reads.list_kernels),
        Call(
            kernels_api.ApiGetAcceleratorQuotaStatisticsRequest,
            quota.get_accelerator_quota_statistics,
        ),
    ]


def _dataset_calls(reads: DatasetReads, writes: DatasetWrites) -> list[Call]:
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
        Call(datasets_api.ApiListDatasetsRequest, reads.list_datasets),
        Call(datasets_api.ApiDownloadDatasetRequest, reads.download_dataset),
    ]


def _by_name(service: str, calls: list[Call]) -> dict[str, Call]:
    # The handler `create_dataset` answers `CreateDataset`, as in the client of kagglesdk.
    return {f"{service}/{call.handler.__name__.title().replace('_', '')}": call for call in calls}
