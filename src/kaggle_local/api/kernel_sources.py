"""The sources of a kernel: the versions that its source names mean at the moment of the push."""

from dataclasses import dataclass, field
from pathlib import Path

from kagglesdk.kernels.types.kernels_api_service import ApiSaveKernelRequest

from kaggle_local.api.auth import require_readable
from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle, parse_handle, parse_version
from kaggle_local.runner.sandbox import Input
from kaggle_local.state.datasets import Datasets
from kaggle_local.state.kernels import Kernels


@dataclass
class ResolvedSources:
    """The sources of one push.

    Attributes:
        inputs: Sources to mount.
        mounts: The same as `(kind, owner, slug, version)`.
        invalid_datasets: Dataset names without a version to mount.
        invalid_kernels: Kernel names without a version to mount.
    """

    inputs: list[Input] = field(default_factory=list)
    mounts: list[tuple[str, str, str, int]] = field(default_factory=list)
    invalid_datasets: list[str] = field(default_factory=list)
    invalid_kernels: list[str] = field(default_factory=list)

    def add(self, kind: str, handle: Handle, number: int, folder: Path) -> None:
        """Add a version, unless it is already there."""
        mount = (kind, handle.owner, handle.slug, number)
        if mount not in self.mounts:
            self.inputs.append(Input(kind, handle, folder))
            self.mounts.append(mount)


@dataclass(frozen=True)
class SourceResolver:
    """Finds the sources of a push.

    Attributes:
        kernels: Kernels that can be sources.
        datasets: Datasets that can be sources.
        user: User whose private things may be read.
    """

    kernels: Kernels
    datasets: Datasets
    user: str

    def resolve(self, request: ApiSaveKernelRequest) -> ResolvedSources:
        """Find all sources of a push; the result lists the invalid ones.

        A dataset source is the named version, by default the newest that is ready. A kernel source
        is the last successful run: like Kaggle, this ignores a named version.
        """
        sources = ResolvedSources()
        for text in request.dataset_data_sources or []:
            if not self._add_dataset(text, sources):
                sources.invalid_datasets.append(text)
        for text in request.kernel_data_sources or []:
            if not self._add_kernel(text, sources):
                sources.invalid_kernels.append(text)
        return sources

    def _add_dataset(self, text: str, sources: ResolvedSources) -> bool:
        try:
            handle, number = parse_handle(text), parse_version(text)
            require_readable(handle, self.user, self.datasets, "datasets.get")
        except ApiError:
            return False
        ready = self.datasets.ready_versions(handle)
        versions = [version for version in ready if number in (None, version.number)]
        if versions:
            sources.add("datasets", handle, versions[-1].number, versions[-1].files)
        return bool(versions)

    def _add_kernel(self, text: str, sources: ResolvedSources) -> bool:
        try:
            handle = parse_handle(text)
            require_readable(handle, self.user, self.kernels, "kernels.get")
        except ApiError:
            return False
        version = self.kernels.last_complete(handle)
        if version:
            sources.add("notebooks", handle, version.number, version.output)
        return version is not None
