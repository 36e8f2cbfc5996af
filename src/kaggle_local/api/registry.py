"""All calls of the API by name, without HTTP, over one state folder."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from kaggle_local.api.auth import Auth
from kaggle_local.api.dataset_access import DatasetAccess
from kaggle_local.api.dataset_files import DatasetFiles
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

# Calls that need no token, for data that is public.
ANONYMOUS = {f"{DATASETS}/GetDataset{name}" for name in ("", "Metadata")}
ANONYMOUS |= {f"{DATASETS}/List{name}" for name in ("DatasetFiles", "TreeDatasetFiles")}
ANONYMOUS |= {f"{DATASETS}/DownloadDataset", f"{OAUTH}/IntrospectToken"}
ANONYMOUS |= {f"{KERNELS}/GetKernel", f"{KERNELS}/DownloadKernelOutput"}

Handler = Callable[[Any], Any]


@dataclass(frozen=True)
class Call:
    """One call; the handler returns a kagglesdk object, a dict or a `Redirect`."""

    request_type: Any  # the kagglesdk class in the annotation of the handler's parameter
    handler: Handler


class Api:
    """The whole API over an opened state folder; `calls` are named `service/Method`."""

    def __init__(self, store: Store, settings: Settings, url: str) -> None:
        self.store, self.url = store, url
        self.user, limits = settings.user, settings.limits
        self.auth = Auth(self.user, store.token)
        self.uploads, self.urls = Uploads(store), SignedUrls(store)
        self.reported = settings.as_reported
        datasets = Datasets(store, self.uploads, limits.processing_seconds, self.reported)
        kernels = Kernels(store)
        access = ServerAccess(url, store.token, self.reported)
        self.runner = Runner(store, kernels, limits, settings.layout, access)
        self.kernels = KernelReads(kernels, self.runner, self.urls, self.user)
        sources, quota = SourceResolver(kernels, datasets, self.user), Quota(kernels, limits)
        pushes = KernelWrites(
            store, kernels, sources, self.runner, quota, limits, self.user, self.reported
        )
        self.datasets = DatasetAccess(datasets, self.user)
        reads = DatasetReads(datasets, self.datasets, self.user)
        files = DatasetFiles(datasets, self.datasets, self.urls)
        writes = DatasetWrites(store, datasets, self.uploads, self.user)
        self.calls = {
            **_by_name(OAUTH, self.auth.introspect_token),
            **_by_name(DIAGNOSTICS, self.auth.hello),
            **_by_name(BLOBS, writes.start_blob_upload),
            **_by_name(
                KERNELS,
                pushes.save_kernel,
                pushes.delete_kernel,
                self.kernels.get_kernel,
                self.kernels.get_kernel_session_status,
                self.kernels.list_kernel_session_output,
                self.kernels.list_kernel_files,
                self.kernels.download_kernel_output,
                self.kernels.list_kernels,
                quota.get_accelerator_quota_statistics,
            ),
            **_by_name(
                DATASETS,
                writes.create_dataset,
                writes.create_dataset_version,
                writes.create_dataset_version_by_id,
                writes.update_dataset_metadata,
                writes.delete_dataset,
                reads.get_dataset_status,
                reads.get_dataset,
                reads.get_dataset_metadata,
                files.list_dataset_files,
                files.list_tree_dataset_files,
                reads.list_datasets,
                files.download_dataset,
            ),
        }

    def require_public(self, name: str, request: Any) -> None:
        """Check that one of the `ANONYMOUS` calls names something that anybody may read."""
        if name.startswith(DATASETS):
            self.datasets.require_public(request)
        elif name.startswith(KERNELS):
            self.kernels.require_public(request)


def _by_name(service: str, *handlers: Handler) -> dict[str, Call]:
    # The handler `create_dataset` answers `CreateDataset`, as in the client of kagglesdk.
    return {
        f"{service}/{handler.__name__.title().replace('_', '')}": Call(
            get_type_hints(handler)["request"], handler
        )
        for handler in handlers
    }
