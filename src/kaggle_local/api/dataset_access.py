"""Which dataset, and which version of it, a request may read."""

from dataclasses import dataclass
from typing import Any

from kaggle_local.api.auth import require_readable
from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle
from kaggle_local.state.datasets import Datasets, DatasetVersion


@dataclass(frozen=True)
class DatasetAccess:
    """Finds what requests name; what `user` may not read is an `ApiError`."""

    datasets: Datasets
    user: str

    def readable_handle(self, request: Any) -> Handle:
        """Return the handle of a dataset that the API tells of."""
        handle = Handle(request.owner_slug, request.dataset_slug)
        require_readable(handle, self.user, self.datasets, "datasets.get")
        if not self.datasets.shown_versions(handle):
            raise ApiError(403, f"Permission 'datasets.get' was denied on '{handle}'")
        return handle

    def ready_version(self, request: Any) -> DatasetVersion:
        """Return the version that a request names, by default the newest that is ready."""
        handle = self.readable_handle(request)
        if request.dataset_version_number:
            version = self.datasets.version(handle, request.dataset_version_number)
            if self.datasets.as_reported and not self.datasets.is_ready(version):
                raise ApiError(404, f"there is no version {version.number} of '{handle}'")
            return version
        ready = self.datasets.ready_versions(handle)
        if not ready:
            raise ApiError(404, f"'{handle}' is still being processed: wait until it is ready")
        return ready[-1]

    def require_public(self, request: Any) -> None:
        """Check that anybody may read the dataset of a request; a missing one is private, too."""
        handle = Handle(request.owner_slug, request.dataset_slug)
        require_readable(handle, "", self.datasets, "datasets.get")
