"""The dataset service: one method per call, kagglesdk types in and out, and Kaggle's rules."""

from typing import Any

from kagglesdk.datasets.types.dataset_api_service import (
    ApiCreateDatasetRequest,
    ApiCreateDatasetResponse,
    ApiCreateDatasetVersionByIdRequest,
    ApiCreateDatasetVersionRequest,
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

from kaggle_local.datasets import Datasets, DatasetVersion, Upload
from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle, require_owner, require_readable
from kaggle_local.links import Links, Redirect
from kaggle_local.store import Store, files_below, inside, now, stable_id
from kaggle_local.wire import as_datetime, page_of


class DatasetCalls:
    """The calls of `datasets.DatasetApiService`.

    Args:
        store: The state folder.
        datasets: What is stored.
        links: Makes the addresses of files.
        user: Who the server's token belongs to.
    """

    def __init__(self, store: Store, datasets: Datasets, links: Links, user: str) -> None:
        self._store = store
        self._datasets = datasets
        self._links = links
        self._user = user

    def create_dataset(self, request: ApiCreateDatasetRequest) -> ApiCreateDatasetResponse:
        """Create a dataset with its first version."""
        handle = Handle(request.owner_slug or self._user, request.slug)
        require_owner(handle, self._user, "datasets.create")
        _require_length("title", request.title, 6, 50)
        with self._store.lock(handle):
            if self._datasets.exists(handle):
                # Refused inside a good answer: kagglehub then makes a new version instead.
                return _refused(f"the dataset '{handle}' already exists: make a new version")
            # What a server killed in the middle of a first version may have left.
            self._datasets.discard(handle)
            version = self._datasets.add_version(handle, _upload_of(request), "Initial release")
            record = {
                "id": stable_id("dataset", handle),
                "title": request.title,
                "license": request.license_name or "unknown",
                "is_private": request.is_private,
                "created": now(),
            }
            self._datasets.write_record(handle, record | _description_of(request))
        return _created(version)

    def create_dataset_version(
        self, request: ApiCreateDatasetVersionRequest
    ) -> ApiCreateDatasetResponse:
        """Replace the whole set of files by a new version."""
        handle = Handle(request.owner_slug, request.dataset_slug)
        require_owner(handle, self._user, "datasets.update")
        body = request.body
        with self._store.lock(handle):
            record = self._datasets.record(handle)
            earlier = self._datasets.versions(handle)
            if not self._datasets.is_ready(earlier[-1]):
                raise ApiError(
                    403, f"'{handle}' is still being processed: wait until its status is ready"
                )
            version = self._datasets.add_version(handle, _upload_of(body), body.version_notes)
            self._datasets.write_record(handle, record | _description_of(body))
            if body.delete_old_versions:
                self._datasets.discard(handle, earlier)
        return _created(version)

    def create_dataset_version_by_id(
        self, request: ApiCreateDatasetVersionByIdRequest
    ) -> ApiCreateDatasetResponse:
        """Replace the files of a dataset that is named by its number."""
        for handle in self._datasets.handles():
            if self._datasets.record(handle)["id"] == request.id:
                named = ApiCreateDatasetVersionRequest()
                named.owner_slug, named.dataset_slug = handle.owner, handle.slug
                named.body = request.body
                return self.create_dataset_version(named)
        raise ApiError(404, f"there is no dataset with the number {request.id}")

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
        return self._described(self._readable(request))

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

    def _readable(self, request: Any) -> Handle:
        handle = Handle(request.owner_slug, request.dataset_slug)
        require_readable(
            handle,
            self._user,
            lambda: self._datasets.record(handle)["is_private"],
            "datasets.get",
        )
        return handle

    def _ready_version(self, request: Any) -> DatasetVersion:
        handle = self._readable(request)
        if request.dataset_version_number:
            return self._datasets.version(handle, request.dataset_version_number)
        ready = [v for v in self._datasets.versions(handle) if self._datasets.is_ready(v)]
        if not ready:
            raise ApiError(404, f"'{handle}' is still being processed: wait until it is ready")
        return ready[-1]

    def _described(self, handle: Handle) -> ApiDataset:
        record, versions = self._datasets.record(handle), self._datasets.versions(handle)
        dataset = ApiDataset()
        dataset.id, dataset.ref, dataset.url = record["id"], str(handle), _url(handle)
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


def _upload_of(listing: Any) -> Upload:
    tokens = tuple(file.token for file in listing.files or [])
    return Upload(tokens, {d.name: _upload_of(d) for d in listing.directories or []})


def _description_of(request: Any) -> dict[str, Any]:
    return {
        "subtitle": request.subtitle,
        "description": request.description,
        "keywords": list(request.category_ids or []),
    }


def _require_length(field: str, text: str, least: int, most: int) -> None:
    if not least <= len(text) <= most:
        raise ApiError(
            400, f"'{field}' must have {least} to {most} characters, received {len(text)}: '{text}'"
        )


def _url(handle: Handle) -> str:
    return f"http://localhost/datasets/{handle}"


def _created(version: DatasetVersion) -> ApiCreateDatasetResponse:
    response = ApiCreateDatasetResponse()
    response.ref, response.url = f"/{version.handle}", _url(version.handle)
    response.status, response.error = "ok", ""
    return response


def _refused(why: str) -> ApiCreateDatasetResponse:
    response = ApiCreateDatasetResponse()
    response.status, response.error = "error", why
    return response


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
