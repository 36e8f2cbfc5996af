"""The dataset service, what changes something: kagglesdk types in and out."""

from typing import Any

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

from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle, require_owner
from kaggle_local.state.datasets import Datasets, DatasetVersion, Upload, handle_url
from kaggle_local.state.store import Store, now, stable_id


class DatasetWrites:
    """The calls of `datasets.DatasetApiService` that change something.

    Args:
        store: The state folder.
        datasets: What is stored.
        user: Who the server's token belongs to.
    """

    def __init__(self, store: Store, datasets: Datasets, user: str) -> None:
        self._store = store
        self._datasets = datasets
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

    def update_dataset_metadata(
        self, request: ApiUpdateDatasetMetadataRequest
    ) -> ApiUpdateDatasetMetadataResponse:
        """Change what describes a dataset; an absent `isPrivate` makes it public, as on Kaggle."""
        handle = Handle(request.owner_slug, request.dataset_slug)
        require_owner(handle, self._user, "datasets.update")
        settings = request.settings
        with self._store.lock(handle):
            record = self._datasets.record(handle)
            changed = {
                "title": settings.title or record["title"],
                "subtitle": settings.subtitle,
                "description": settings.description,
                "is_private": settings.is_private,
                "keywords": list(settings.keywords or []),
                "license": settings.licenses[0].name if settings.licenses else record["license"],
            }
            _require_length("title", changed["title"], 6, 50)
            self._datasets.write_record(handle, record | changed)
        return ApiUpdateDatasetMetadataResponse()

    def delete_dataset(self, request: ApiDeleteDatasetRequest) -> ApiDeleteDatasetResponse:
        """Delete a dataset with all its versions."""
        handle = Handle(request.owner_slug, request.dataset_slug)
        require_owner(handle, self._user, "datasets.delete")
        with self._store.lock(handle):
            self._datasets.record(handle)
            self._datasets.discard(handle)
        return ApiDeleteDatasetResponse()


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


def _created(version: DatasetVersion) -> ApiCreateDatasetResponse:
    response = ApiCreateDatasetResponse()
    response.ref, response.url = f"/{version.handle}", handle_url(version.handle)
    response.status, response.error = "ok", ""
    return response


def _refused(why: str) -> ApiCreateDatasetResponse:
    response = ApiCreateDatasetResponse()
    response.status, response.error = "error", why
    return response
