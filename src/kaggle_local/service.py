"""The whole service without HTTP: every call by name, over one state folder."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kagglesdk.blobs.types.blob_api_service import ApiStartBlobUploadRequest
from kagglesdk.datasets.types import dataset_api_service as datasets_api
from kagglesdk.kernels.types import kernels_api_service as kernels_api
from kagglesdk.models.types.model_api_service import ApiGetModelRequest
from kagglesdk.security.types.oauth_service import IntrospectTokenRequest

from kaggle_local.accounts import AccountCalls
from kaggle_local.blobs import Blobs
from kaggle_local.dataset_calls import DatasetCalls
from kaggle_local.datasets import Datasets
from kaggle_local.kernel_calls import KernelCalls
from kaggle_local.kernels import Kernels
from kaggle_local.limits import Limits
from kaggle_local.links import Links
from kaggle_local.pushes import Pushes
from kaggle_local.runner import Runner
from kaggle_local.sandbox import Server
from kaggle_local.store import Store

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
        self.kernels = KernelCalls(self._kernels, self.links, limits, user)
        self.calls = self._calls(limits)

    def _calls(self, limits: Limits) -> dict[str, Call]:
        datasets = DatasetCalls(self.store, self._datasets, self.links, self.user)
        pushes = Pushes(self.store, self._kernels, self._datasets, self.runner, limits, self.user)
        kernels = self.kernels
        return {
            f"{OAUTH}/IntrospectToken": Call(
                IntrospectTokenRequest, self.accounts.introspect_token
            ),
            # kagglehub itself sends this call with a request class of another one.
            f"{DIAGNOSTICS}/Hello": Call(ApiGetModelRequest, self.accounts.hello),
            f"{BLOBS}/StartBlobUpload": Call(
                ApiStartBlobUploadRequest, self.blobs.start_blob_upload
            ),
            f"{KERNELS}/SaveKernel": Call(kernels_api.ApiSaveKernelRequest, pushes.save_kernel),
            f"{KERNELS}/GetKernelSessionStatus": Call(
                kernels_api.ApiGetKernelSessionStatusRequest, kernels.get_kernel_session_status
            ),
            f"{KERNELS}/ListKernelSessionOutput": Call(
                kernels_api.ApiListKernelSessionOutputRequest, kernels.list_kernel_session_output
            ),
            f"{KERNELS}/ListKernelFiles": Call(
                kernels_api.ApiListKernelFilesRequest, kernels.list_kernel_files
            ),
            f"{KERNELS}/GetAcceleratorQuotaStatistics": Call(
                kernels_api.ApiGetAcceleratorQuotaStatisticsRequest,
                kernels.get_accelerator_quota_statistics,
            ),
            f"{DATASETS}/CreateDataset": Call(
                datasets_api.ApiCreateDatasetRequest, datasets.create_dataset
            ),
            f"{DATASETS}/CreateDatasetVersion": Call(
                datasets_api.ApiCreateDatasetVersionRequest, datasets.create_dataset_version
            ),
            f"{DATASETS}/CreateDatasetVersionById": Call(
                datasets_api.ApiCreateDatasetVersionByIdRequest,
                datasets.create_dataset_version_by_id,
            ),
            f"{DATASETS}/GetDatasetStatus": Call(
                datasets_api.ApiGetDatasetStatusRequest, datasets.get_dataset_status
            ),
            f"{DATASETS}/GetDataset": Call(datasets_api.ApiGetDatasetRequest, datasets.get_dataset),
            f"{DATASETS}/GetDatasetMetadata": Call(
                datasets_api.ApiGetDatasetMetadataRequest, datasets.get_dataset_metadata
            ),
            f"{DATASETS}/ListDatasetFiles": Call(
                datasets_api.ApiListDatasetFilesRequest, datasets.list_dataset_files
            ),
            f"{DATASETS}/DownloadDataset": Call(
                datasets_api.ApiDownloadDatasetRequest, datasets.download_dataset
            ),
        }
