"""The dataset service, what only looks: kagglesdk types in and out."""

from typing import Any

from kagglesdk.datasets.types.dataset_api_service import (
    ApiDataset,
    ApiDatasetFile,
    ApiDatasetVersion,
    ApiDownloadDatasetRequest,
    ApiGetDatasetMetadataRequest,
    ApiGetDatasetMetadataResponse,
    ApiGetDatasetRequest,
    ApiGetDatasetStatusRequest,
    ApiGetDatasetStatusResponse,
    ApiListDatasetFilesRequest,
    ApiListDatasetFilesResponse,
)
from kagglesdk.datasets.types.dataset_enums import DatabundleVersionStatus
from kagglesdk.datasets.types.dataset_types import DatasetInfo, SettingsLicense

from kaggle_local.api.serialization import as_datetime, page_of
from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle, require_readable
from kaggle_local.state.datasets import Datasets, DatasetVersion, handle_url
from kaggle_local.state.files import files_below, inside
from kaggle_local.state.signed_urls import Links, Redirect


class DatasetReads:
    """The calls of `datasets.DatasetApiService` that change nothing.

    Args:
        datasets: What is stored.
        links: Makes the addresses of files.
        user: Who the server's token belongs to.
    """

    def __init__(self, datasets: Datasets, links: Links, user: str) -> None:
        self._datasets = datasets
        self._links = links
        self._user = user

    def get_dataset_status(
        self, request: ApiGetDatasetStatusRequest
    ) -> ApiGetDatasetStatusResponse:
        """Tell whether the newest version is ready."""
        newest = self._datasets.version(self._readable(request))
        ready = self._datasets.is_ready(newest)
        status = DatabundleVersionStatus.READY if ready else DatabundleVersionStatus.BLOBS_RECEIVED
        response = ApiGetDatasetStatusResponse()
        response.status = status
        return response

    def get_dataset(self, request: ApiGetDatasetRequest) -> ApiDataset:
        """Describe a dataset and its versions."""
        return self.described(self._readable(request))

    def get_dataset_metadata(
        self, request: ApiGetDatasetMetadataRequest
    ) -> ApiGetDatasetMetadataResponse:
        """Give what `dataset-metadata.json` holds, and the statistics beside it."""
        handle = self._readable(request)
        record = self._datasets.record(handle)
        info = DatasetInfo()
        info.dataset_id = record["id"]
        info.dataset_slug, info.owner_user = handle.slug, handle.owner
        info.title, info.subtitle = record["title"], record["subtitle"]
        info.description = record["description"]
        info.is_private = record["is_private"]
        info.keywords = record["keywords"]
        license_ = SettingsLicense()
        license_.name = record["license"]
        info.licenses = [license_]
        response = ApiGetDatasetMetadataResponse()
        response.info = info
        return response

    def list_dataset_files(
        self, request: ApiListDatasetFilesRequest
    ) -> ApiListDatasetFilesResponse:
        """List the files of a version, a page at a time."""
        version = self._ready_version(request)
        files = list(files_below(version.files))
        page, token = page_of(files, request.page_token, request.page_size)
        response = ApiListDatasetFilesResponse()
        response.dataset_files = [_file(version, name, status.st_size) for name, status in page]
        response.next_page_token = token
        return response

    def download_dataset(self, request: ApiDownloadDatasetRequest) -> Redirect:
        """Send the client to the zip of a version, or to one of its files."""
        version = self._ready_version(request)
        if request.file_name:
            return self._links.redirect(inside(version.files, request.file_name))
        archive = self._datasets.archive(version)
        return self._links.redirect(archive, called=f"{version.handle.slug}.zip")

    def described(self, handle: Handle) -> ApiDataset:
        """Describe a dataset and its versions."""
        record, versions = self._datasets.record(handle), self._datasets.versions(handle)
        dataset = ApiDataset()
        dataset.id, dataset.ref, dataset.url = record["id"], str(handle), handle_url(handle)
        dataset.title, dataset.subtitle = record["title"], record["subtitle"]
        dataset.description = record["description"]
        dataset.owner_name = dataset.owner_ref = dataset.creator_name = handle.owner
        dataset.license_name = record["license"]
        dataset.is_private = record["is_private"]
        dataset.current_version_number = versions[-1].number
        dataset.last_updated = as_datetime(versions[-1].record["created"])
        sizes = (status.st_size for _, status in files_below(versions[-1].files))
        dataset.total_bytes = sum(sizes)
        dataset.versions = [_version(version) for version in versions]
        return dataset

    def _readable(self, request: Any) -> Handle:
        handle = Handle(request.owner_slug, request.dataset_slug)
        require_readable(handle, self._user, self._datasets.is_private, "datasets.get")
        return handle

    def _ready_version(self, request: Any) -> DatasetVersion:
        handle = self._readable(request)
        if request.dataset_version_number:
            return self._datasets.version(handle, request.dataset_version_number)
        ready = [v for v in self._datasets.versions(handle) if self._datasets.is_ready(v)]
        if not ready:
            raise ApiError(404, f"'{handle}' is still being processed: wait until it is ready")
        return ready[-1]


def _file(version: DatasetVersion, name: str, size: int) -> ApiDatasetFile:
    file = ApiDatasetFile()
    file.name, file.total_bytes = name, size
    file.creation_date = as_datetime(version.record["created"])
    file.dataset_ref, file.owner_ref = str(version.handle), version.handle.owner
    return file


def _version(version: DatasetVersion) -> ApiDatasetVersion:
    described = ApiDatasetVersion()
    described.version_number = version.number
    described.creation_date = as_datetime(version.record["created"])
    described.version_notes = version.record["notes"]
    described.creator_name = version.handle.owner
    return described
