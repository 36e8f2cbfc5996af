"""The calls that list and download the files of datasets, with kagglesdk types in and out."""

import os
from dataclasses import dataclass
from typing import Any

from kagglesdk.datasets.databundles.types.databundle_api_types import (
    ApiDirectory,
    ApiDirectoryContent,
    ApiFile,
)
from kagglesdk.datasets.types.dataset_api_service import (
    ApiDatasetFile,
    ApiDownloadDatasetRequest,
    ApiListDatasetFilesRequest,
    ApiListDatasetFilesResponse,
    ApiListTreeDatasetFilesRequest,
)

from kaggle_local.api.dataset_access import DatasetAccess
from kaggle_local.api.serialization import Redirect, as_datetime, build, take_page
from kaggle_local.errors import ApiError
from kaggle_local.state.datasets import Datasets, DatasetVersion
from kaggle_local.state.files import resolve_inside
from kaggle_local.state.signed_urls import SignedUrls
from kaggle_local.state.trees import walk_files

_ZIPPED_ABOVE = 200  # bytes of a single file that comes as a zip, as reported of large ones


@dataclass(frozen=True)
class DatasetFiles:
    """The calls of `datasets.DatasetApiService` that read files."""

    datasets: Datasets
    access: DatasetAccess
    urls: SignedUrls

    def list_dataset_files(
        self, request: ApiListDatasetFilesRequest
    ) -> ApiListDatasetFilesResponse:
        """List the files of a version, page by page."""
        version = self.access.ready_version(request)
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
        version = self.access.ready_version(request)
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

    def download_dataset(self, request: ApiDownloadDatasetRequest) -> Redirect:
        """Redirect to the zip of a version or to one of its files."""
        version = self.access.ready_version(request)
        if request.file_name:
            file = resolve_inside(version.files, request.file_name)
            if self.datasets.as_reported and file.stat().st_size > _ZIPPED_ABOVE:
                file = self.datasets.zipped_file(version, file)
            return Redirect(self.urls.sign(file))
        archive = self.datasets.archive(version)
        return Redirect(self.urls.sign(archive, save_as=f"{version.handle.slug}.zip"))


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
