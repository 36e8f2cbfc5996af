"""What a kernel reads: finds the versions that its sources mean at the moment of the push."""

from dataclasses import dataclass, field
from pathlib import Path

from kagglesdk.kernels.types.kernels_api_service import ApiSaveKernelRequest

from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle, parse_handle, parse_version, require_readable
from kaggle_local.runner.sandbox import Input
from kaggle_local.state.datasets import Datasets
from kaggle_local.state.kernels import Kernels


@dataclass
class Sources:
    """The sources of one push.

    Attributes:
        inputs: What is mounted.
        mounts: The same as `(kind, owner, slug, version)`.
        invalid_datasets: Names that mean nothing.
        invalid_kernels: Names that mean nothing.
    """

    inputs: list[Input] = field(default_factory=list)
    mounts: list[tuple[str, str, str, int]] = field(default_factory=list)
    invalid_datasets: list[str] = field(default_factory=list)
    invalid_kernels: list[str] = field(default_factory=list)

    def add(self, kind: str, handle: Handle, number: int, folder: Path) -> None:
        """Mount a version; naming a source twice mounts it once."""
        mount = (kind, handle.owner, handle.slug, number)
        if mount not in self.mounts:
            self.inputs.append(Input(kind, handle.owner, handle.slug, folder))
            self.mounts.append(mount)


class Resolver:
    """Finds sources.

    Args:
        kernels: Where kernel sources come from.
        datasets: Where dataset sources come from.
        user: Whose private things may be read.
    """

    def __init__(self, kernels: Kernels, datasets: Datasets, user: str) -> None:
        self._kernels = kernels
        self._datasets = datasets
        self._user = user

    def resolve(self, request: ApiSaveKernelRequest) -> Sources:
        """Find every dataset and kernel source of a push; what is not found is listed, not raised.

        A dataset is the newest version that is ready, or the one that is named. A kernel is the
        last run that ended well: like Kaggle, this passes over a version that is named.
        """
        sources = Sources()
        for text in request.dataset_data_sources or []:
            if not self._add_dataset(text, sources):
                sources.invalid_datasets.append(text)
        for text in request.kernel_data_sources or []:
            if not self._add_kernel(text, sources):
                sources.invalid_kernels.append(text)
        return sources

    def _add_dataset(self, text: str, sources: Sources) -> bool:
        try:
            handle, number = parse_handle(text), parse_version(text)
            require_readable(handle, self._user, self._datasets.is_private, "datasets.get")
        except ApiError:
            return False
        versions = [
            version
            for version in self._datasets.versions(handle)
            if number in (None, version.number) and self._datasets.is_ready(version)
        ]
        if versions:
            sources.add("datasets", handle, versions[-1].number, versions[-1].files)
        return bool(versions)

    def _add_kernel(self, text: str, sources: Sources) -> bool:
        try:
            handle = parse_handle(text)
            require_readable(handle, self._user, self._kernels.is_private, "kernels.get")
        except ApiError:
            return False
        version = self._kernels.last_complete(handle)
        if version:
            sources.add("notebooks", handle, version.number, version.output)
        return version is not None
