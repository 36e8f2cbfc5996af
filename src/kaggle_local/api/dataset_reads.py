"""The calls that describe datasets, with kagglesdk types in and out."""

from dataclasses import dataclass

from kagglesdk.datasets.types.dataset_api_service import (
    ApiDataset,
    ApiDatasetVersion,
    ApiGetDatasetMetadataRequest,
    ApiGetDatasetMetadataResponse,
    ApiGetDatasetRequest,
    ApiGetDatasetStatusRequest,
    ApiGetDatasetStatusResponse,
    ApiListDatasetsRequest,
    ApiListDatasetsResponse,
)
from kagglesdk.datasets.types.dataset_enums import (
    DatabundleVersionStatus,
    DatasetSelectionGroup,
    DatasetSortBy,
)
from kagglesdk.datasets.types.dataset_types import DatasetInfo, SettingsLicense

from kaggle_local.api.auth import visible_handles
from kaggle_local.api.dataset_access import DatasetAccess
from kaggle_local.api.serialization import as_datetime, build, take_page
from kaggle_local.handles import Handle
from kaggle_local.state.datasets import Datasets, DatasetVersion
from kaggle_local.state.trees import walk_files


def dataset_url(handle: Handle) -> str:
    """Return the URL of a dataset's page, which the stand-in does not serve."""
    return f"http://localhost/datasets/{handle}"


@dataclass(frozen=True)
class DatasetReads:
    """The calls of `datasets.DatasetApiService` that read no file."""

    datasets: Datasets
    access: DatasetAccess
    user: str

    def get_dataset_status(
        self, request: ApiGetDatasetStatusRequest
    ) -> ApiGetDatasetStatusResponse:
        """Return the status of the newest version."""
        newest = self.datasets.shown_versions(self.access.readable_handle(request))[-1]
        ready = self.datasets.is_ready(newest)
        status = DatabundleVersionStatus.READY if ready else DatabundleVersionStatus.BLOBS_RECEIVED
        return build(ApiGetDatasetStatusResponse, status=status)

    def get_dataset(self, request: ApiGetDatasetRequest) -> ApiDataset:
        """Describe a dataset and its versions."""
        return self._describe(self.access.readable_handle(request))

    def get_dataset_metadata(
        self, request: ApiGetDatasetMetadataRequest
    ) -> ApiGetDatasetMetadataResponse:
        """Return the content of `dataset-metadata.json`."""
        handle = self.access.readable_handle(request)
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


def _version(version: DatasetVersion) -> ApiDatasetVersion:
    return build(
        ApiDatasetVersion,
        version_number=version.number,
        creation_date=as_datetime(version.record["created"]),
        version_notes=version.record["notes"],
        creator_name=version.handle.owner,
    )
