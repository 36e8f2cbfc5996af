"""The sources of a kernel: the versions that its source names mean at the moment of the push."""

from dataclasses import dataclass

from kagglesdk.kernels.types.kernels_api_service import ApiSaveKernelRequest

from kaggle_local.api.auth import require_readable
from kaggle_local.errors import ApiError
from kaggle_local.handles import parse_handle, parse_version
from kaggle_local.runner.sandbox import Input
from kaggle_local.state.datasets import Datasets
from kaggle_local.state.kernels import Kernels


@dataclass(frozen=True)
class ResolvedSources:
    """The sources to mount for one push, each once, and the names of sources without a version."""

    inputs: list[Input]
    invalid_datasets: list[str]
    invalid_kernels: list[str]


@dataclass(frozen=True)
class SourceResolver:
    """Finds the sources of a push."""

    kernels: Kernels
    datasets: Datasets
    user: str

    def resolve(self, request: ApiSaveKernelRequest) -> ResolvedSources:
        """Find all sources of a push; the result lists the invalid ones.

        A dataset source is the named version, by default the newest that is ready. A kernel source
        is the last successful run: like Kaggle, this ignores a named version.
        """
        datasets = {text: self._dataset(text) for text in request.dataset_data_sources or []}
        kernels = {text: self._kernel(text) for text in request.kernel_data_sources or []}
        inputs = [source for source in (*datasets.values(), *kernels.values()) if source]
        return ResolvedSources(
            inputs=list(dict.fromkeys(inputs)),
            invalid_datasets=[text for text, source in datasets.items() if not source],
            invalid_kernels=[text for text, source in kernels.items() if not source],
        )

    def _dataset(self, text: str) -> Input | None:
        try:
            handle, number = parse_handle(text), parse_version(text)
            require_readable(handle, self.user, self.datasets, "datasets.get")
        except ApiError:
            return None
        for version in reversed(self.datasets.ready_versions(handle)):
            if number in (None, version.number):
                files = self.datasets.mounted_files(version)
                return Input("datasets", handle, version.number, files)
        return None

    def _kernel(self, text: str) -> Input | None:
        try:
            handle = parse_handle(text)
            require_readable(handle, self.user, self.kernels, "kernels.get")
        except ApiError:
            return None
        version = self.kernels.last_complete(handle)
        return Input("notebooks", handle, version.number, version.output) if version else None
