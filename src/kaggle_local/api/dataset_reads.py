"""The calls that read datasets, with kagglesdk types in and out."""

import os
from dataclasses import dataclass
from typing import Any

from kagglesdk.datasets.databundles.types.databundle_api_types import (
    ApiDirectory,
    ApiDirectoryContent,
    ApiFile,
)
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
    ApiListDatasetsRequest,
    ApiListDatasetsResponse,
    ApiListTreeDatasetFilesRequest,
)
from kagglesdk.datasets.types.dataset_enums import (
    DatabundleVersionStatus,
    DatasetSelectionGroup,
    DatasetSortBy,
)
from kagglesdk.datasets.types.dataset_types import DatasetInfo, SettingsLicense

from kaggle_local.api.auth import require_readable, visible_handles
from kaggle_local.api.serialization import Redirect, as_datetime, build, take_page
from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle
from kaggle_local.state.datasets import Datasets, DatasetVersion
from kaggle_local.state.files import resolve_inside
from kaggle_local.state.signed_urls import SignedUrls
from kaggle_local.state.trees import walk_files

_ZIPPED_ABOVE = 200  # bytes of a single file that comes as a zip, as reported of large ones


def dataset_url(handle: Handle) -> str:
    """Return the URL of a dataset's page, which the stand-in does not serve."""
    return f"http://localhost/datasets/{handle}"


@dataclass(frozen=True)
class DatasetReads:
    """The calls of `datasets.DatasetApiService` that change nothing."""

    datasets: Datasets
    urls: SignedUrls
    user: str

    def get_dataset_status(
        self, request: ApiGetDatasetStatusRequest
    ) -> ApiGetDatasetStatusResponse:
        """Return the status of the newest version."""
        newest = self.datasets.shown_versions(self._readable_handle(request))[-1]
        ready = self.datasets.is_ready(newest)
        status = DatabundleVersionStatus.READY if ready else DatabundleVersionStatus.BLOBS_RECEIVED
        return build(ApiGetDatasetStatusResponse, status=status)

    def get_dataset(self, request: ApiGetDatasetRequest) -> ApiDataset:
        """Describe a dataset and its versions."""
        return self._describe(self._readable_handle(request))

    def get_dataset_metadata(
        self, request: ApiGetDatasetMetadataRequest
    ) -> ApiGetDatasetMetadataResponse:
        """Return the content of `dataset-metadata.json`."""
        handle = self._readable_handle(request)
        record = self.datasets.record(handle)
        names = ("title", "subtitle", "description", "is_private", "keywords")
        info = build(
            DatasetInfo,
            dataset_id=record["id"],
            dataset_slug=handle.slug,
            owner_user=handle.owner,
            licenses=[build(SettingsLicense, name=record["license"])],
            **{name: record[name] for name in names},
        )
        return build(ApiGetDatasetMetadataResponse, info=info)

    def list_dataset_files(
        self, request: ApiListDatasetFilesRequest
    ) -> ApiListDatasetFilesResponse:
        """List the files of a version, page by page."""
        version = self._ready_version(request)
        files = list(walk_files(version.files))
        if self.datasets.as_reported:
            files = [(name, status) for name, status in files if status.st_size]
        page, token = take_page(files, request.page_token, request.page_size)
        described = [_file(version, name, status.st_size) for name, status in page]
        return build(ApiListDatasetFilesResponse, dataset_files=described, next_page_token=token)

    def list_tree_dataset_files(
        self, request: ApiListTreeDatasetFilesRequest
    ) -> ApiDirectoryContent:
        """List the folders and files in one folder of a version, page by page."""
        version = self._ready_version(request)
        prefix = f"{request.path.strip('/')}/" if request.path else ""
        inside = [
            (name.removeprefix(prefix), status)
            for name, status in walk_files(version.files)
            if name.startswith(prefix)
        ]
        if prefix and not inside:
            raise ApiError(404, f"there is no folder '{request.path}' in '{version.handle}'")
        folders = sorted({name.partition("/")[0] for name, _ in inside if "/" in name})
        entries: list[Any] = [
            build(ApiDirectory, name=name, relative_url=prefix + name) for name in folders
        ]
        entries += [_tree_file(version, prefix, *file) for file in inside if "/" not in file[0]]
        page, token = take_page(entries, request.page_token, request.page_size)
        return build(
            ApiDirectoryContent,
            directories=[entry for entry in page if isinstance(entry, ApiDirectory)],
            files=[entry for entry in page if isinstance(entry, ApiFile)],
            total_children=len(entries),
            total_directories=len(folders),
            total_files=len(entries) - len(folders),
            next_page_token=token,
        )

    def require_public(self, request: Any) -> None:
        """Check that anybody may read the dataset of a request; a missing one is private, too."""
        handle = Handle(request.owner_slug, request.dataset_slug)
        require_readable(handle, "", self.datasets, "datasets.get")

    def download_dataset(self, request: ApiDownloadDatasetRequest) -> Redirect:
        """Redirect to the zip of a version or to one of its files."""
        version = self._ready_version(request)
        if request.file_name:
            file = resolve_inside(version.files, request.file_name)
            if self.datasets.as_reported and file.stat().st_size > _ZIPPED_ABOVE:
                file = self.datasets.zipped_file(version, file)
            return Redirect(self.urls.sign(file))
        archive = self.datasets.archive(version)
        return Redirect(self.urls.sign(archive, save_as=f"{version.handle.slug}.zip"))

    def list_datasets(self, request: ApiListDatasetsRequest) -> ApiListDatasetsResponse:
        """List datasets, the newest first, filtered by owner, words and size."""
        mine = request.group is DatasetSelectionGroup.DATASET_SELECTION_GROUP_MY
        owner = self.user if mine else request.user
        handles = visible_handles(self.datasets, self.user, owner, request.search)
        shown = [handle for handle in handles if self.datasets.shown_versions(handle)]
        datasets = [self._describe(handle) for handle in shown]
        if request.min_size or request.max_size:
            most = request.max_size or float("inf")
            datasets = [d for d in datasets if (request.min_size or 0) <= d.total_bytes <= most]
        datasets.sort(key=lambda dataset: dataset.last_updated, reverse=True)
        if request.sort_by is DatasetSortBy.DATASET_SORT_BY_PUBLISHED:
            datasets.sort(key=lambda dataset: dataset.versions[0].creation_date, reverse=True)
        page, token = take_page(datasets, request.page_token, request.page_size, request.page)
        return build(ApiListDatasetsResponse, datasets=page, next_page_token=token)

    def _describe(self, handle: Handle) -> ApiDataset:
        record, versions = self.datasets.record(handle), self.datasets.shown_versions(handle)
        dataset = ApiDataset()
        dataset.id, dataset.ref, dataset.url = record["id"], str(handle), dataset_url(handle)
        dataset.title, dataset.subtitle = record["title"], record["subtitle"]
        dataset.description = record["description"]
        dataset.owner_name = dataset.owner_ref = dataset.creator_name = handle.owner
        dataset.license_name = record["license"]
        dataset.is_private = record["is_private"]
        dataset.current_version_number = versions[-1].number
        dataset.last_updated = as_datetime(versions[-1].record["created"])
        sizes = (status.st_size for _, status in walk_files(versions[-1].files))
        dataset.total_bytes = sum(sizes)
        dataset.versions = [_version(version) for version in versions]
        return dataset

    def _readable_handle(self, request: Any) -> Handle:
        handle = Handle(request.owner_slug, request.dataset_slug)
        require_readable(handle, self.user, self.datasets, "datasets.get")
        if not self.datasets.shown_versions(handle):
            raise ApiError(403, f"Permission 'datasets.get' was denied on '{handle}'")
        return handle

    def _ready_version(self, request: Any) -> DatasetVersion:
        handle = self._readable_handle(request)
        if request.dataset_version_number:
            version = self.datasets.version(handle, request.dataset_version_number)
            if self.datasets.as_reported and not self.datasets.is_ready(version):
                raise ApiError(404, f"there is no version {version.number} of '{handle}'")
            return version
        ready = self.datasets.ready_versions(handle)
        if not ready:
            raise ApiError(404, f"'{handle}' is still being processed: wait until it is ready")
        return ready[-1]


def _file(version: DatasetVersion, name: str, size: int) -> ApiDatasetFile:
    return build(
        ApiDatasetFile,
        name=name,
        total_bytes=size,
        creation_date=as_datetime(version.record["created"]),
        dataset_ref=str(version.handle),
        owner_ref=version.handle.owner,
    )


def _tree_file(version: DatasetVersion, prefix: str, name: str, status: os.stat_result) -> ApiFile:
    return build(
        ApiFile,
        name=name,
        relative_url=prefix + name,
        total_bytes=status.st_size,
        creation_date=as_datetime(version.record["created"]),
    )


def _version(version: DatasetVersion) -> ApiDatasetVersion:
    return build(
        ApiDatasetVersion,
        version_number=version.number,
        creation_date=as_datetime(version.record["created"]),
        version_notes=version.record["notes"],
        creator_name=version.handle.owner,
    )
