"""The calls that upload, create, change and delete datasets."""

from dataclasses import dataclass
from typing import Any

from kagglesdk.blobs.types.blob_api_service import (
    ApiStartBlobUploadRequest,
    ApiStartBlobUploadResponse,
)
from kagglesdk.datasets.types.dataset_api_service import (
    ApiCreateDatasetRequest,
    ApiCreateDatasetResponse,
    ApiCreateDatasetVersionByIdRequest,
    ApiCreateDatasetVersionRequest,
    ApiDeleteDatasetRequest,
    ApiDeleteDatasetResponse,
    ApiUpdateDatasetMetadataRequest,
    ApiUpdateDatasetMetadataResponse,
)

from kaggle_local.api.auth import require_owner
from kaggle_local.api.dataset_reads import dataset_url
from kaggle_local.api.serialization import build
from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle
from kaggle_local.state.datasets import Datasets, DatasetVersion, UploadTree
from kaggle_local.state.store import Store, now, stable_id
from kaggle_local.state.uploads import Uploads

# https://github.com/Kaggle/kaggle-cli/issues/321
WRONG_SLUG = 'Slug can only contain alphanumeric or "-" characters'


@dataclass(frozen=True)
class DatasetWrites:
    """The calls of `datasets.DatasetApiService` that change something, and uploads."""

    store: Store
    datasets: Datasets
    uploads: Uploads
    user: str

    def start_blob_upload(self, request: ApiStartBlobUploadRequest) -> ApiStartBlobUploadResponse:
        """Announce a file and return the URL to send it to."""
        token = self.uploads.start(request.name, request.content_length)
        url = f"http://localhost/upload/{token}"
        return build(ApiStartBlobUploadResponse, token=token, create_url=url)

    def create_dataset(self, request: ApiCreateDatasetRequest) -> ApiCreateDatasetResponse:
        """Create a dataset with its first version."""
        handle = Handle(request.owner_slug or self.user, request.slug)
        require_owner(handle, self.user, "datasets.create")
        _check_title(request.title)
        if "_" in handle.slug:
            return build(ApiCreateDatasetResponse, status="error", error=WRONG_SLUG)
        with self.store.lock(handle):
            if self.datasets.exists(handle):
                # With status 200, kagglehub then creates a new version instead.
                reason = f"the dataset '{handle}' already exists: create a new version"
                return build(ApiCreateDatasetResponse, status="error", error=reason)
            # A server that was killed during a first version may have left files.
            self.datasets.discard(handle)
            version = self.datasets.add_version(handle, _upload_tree(request), "Initial release")
            record = {
                "id": stable_id("dataset", handle),
                "title": request.title,
                "license": request.license_name or "unknown",
                "is_private": request.is_private,
                "created": now(),
            }
            self.datasets.write_record(handle, record | _description(request))
        return _created(version)

    def create_dataset_version(
        self, request: ApiCreateDatasetVersionRequest
    ) -> ApiCreateDatasetResponse:
        """Replace all files by a new version."""
        handle = self._own_handle(request, "datasets.update")
        body = request.body
        with self.store.lock(handle):
            record = self.datasets.record(handle)
            earlier = self.datasets.versions(handle)
            if not self.datasets.is_ready(earlier[-1]):
                raise ApiError(
                    403, f"'{handle}' is still being processed: wait until its status is ready"
                )
            version = self.datasets.add_version(handle, _upload_tree(body), body.version_notes)
            self.datasets.write_record(handle, record | _description(body))
            if body.delete_old_versions:
                for old in earlier:
                    self.store.discard(old.folder)
        return _created(version)

    def create_dataset_version_by_id(
        self, request: ApiCreateDatasetVersionByIdRequest
    ) -> ApiCreateDatasetResponse:
        """Replace all files of the dataset with a numeric id."""
        handle = self.datasets.find_id(request.id)
        by_name = build(
            ApiCreateDatasetVersionRequest,
            owner_slug=handle.owner,
            dataset_slug=handle.slug,
            body=request.body,
        )
        return self.create_dataset_version(by_name)

    def update_dataset_metadata(
        self, request: ApiUpdateDatasetMetadataRequest
    ) -> ApiUpdateDatasetMetadataResponse:
        """Change the metadata; without `isPrivate` the dataset becomes public, as on Kaggle."""
        handle = self._own_handle(request, "datasets.update")
        settings = request.settings
        with self.store.lock(handle):
            record = self.datasets.record(handle)
            changes = {
                "title": settings.title or record["title"],
                "subtitle": settings.subtitle,
                "description": settings.description,
                "is_private": settings.is_private,
                "keywords": list(settings.keywords or []),
                "license": settings.licenses[0].name if settings.licenses else record["license"],
            }
            _check_title(changes["title"])
            self.datasets.write_record(handle, record | changes)
        return ApiUpdateDatasetMetadataResponse()

    def delete_dataset(self, request: ApiDeleteDatasetRequest) -> ApiDeleteDatasetResponse:
        """Delete a dataset with all its versions."""
        handle = self._own_handle(request, "datasets.delete")
        with self.store.lock(handle):
            self.datasets.record(handle)
            self.datasets.discard(handle)
        return ApiDeleteDatasetResponse()

    def _own_handle(self, request: Any, permission: str) -> Handle:
        handle = Handle(request.owner_slug, request.dataset_slug)
        require_owner(handle, self.user, permission)
        return handle


def _upload_tree(listing: Any) -> UploadTree:
    tokens = tuple(file.token for file in listing.files or [])
    return UploadTree(tokens, {d.name: _upload_tree(d) for d in listing.directories or []})


def _description(request: Any) -> dict[str, Any]:
    return {
        "subtitle": request.subtitle,
        "description": request.description,
        "keywords": list(request.category_ids or []),
    }


def _check_title(title: str) -> None:
    if not 6 <= len(title) <= 50:
        text = f"'title' must have 6 to 50 characters, received {len(title)}: '{title}'"
        raise ApiError(400, text)


def _created(version: DatasetVersion) -> ApiCreateDatasetResponse:
    ref, url = f"/{version.handle}", dataset_url(version.handle)
    return build(ApiCreateDatasetResponse, ref=ref, url=url, status="ok", error="")
