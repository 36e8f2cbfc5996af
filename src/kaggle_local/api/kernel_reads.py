"""The kernel service, but for pushes: one method per call, kagglesdk types in and out."""

from typing import Any

from kagglesdk.kernels.types.kernels_api_service import (
    ApiAcceleratorQuota,
    ApiDeleteKernelRequest,
    ApiDeleteKernelResponse,
    ApiGetAcceleratorQuotaStatisticsRequest,
    ApiGetAcceleratorQuotaStatisticsResponse,
    ApiGetKernelRequest,
    ApiGetKernelResponse,
    ApiGetKernelSessionStatusRequest,
    ApiGetKernelSessionStatusResponse,
    ApiKernelBlob,
    ApiKernelMetadata,
    ApiKernelSessionOutputFile,
    ApiListKernelFilesItem,
    ApiListKernelFilesRequest,
    ApiListKernelFilesResponse,
    ApiListKernelSessionOutputRequest,
    ApiListKernelSessionOutputResponse,
)
from kagglesdk.kernels.types.kernels_enums import KernelWorkerStatus

from kaggle_local.api.quota import Quota
from kaggle_local.api.serialization import as_datetime, as_duration, page_of
from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle, require_owner, require_readable
from kaggle_local.limits import Limits
from kaggle_local.runner.runner import Runner
from kaggle_local.state.files import files_below
from kaggle_local.state.kernel_version import KernelVersion
from kaggle_local.state.kernels import Kernels
from kaggle_local.state.logs import read_log
from kaggle_local.state.signed_urls import Links


class KernelCalls:
    """The calls of `kernels.KernelsApiService`.

    Args:
        kernels: What is stored.
        runner: Knows what runs.
        links: Makes the addresses of files.
        limits: What is allowed.
        user: Who the server's token belongs to.
    """

    def __init__(
        self, kernels: Kernels, runner: Runner, links: Links, limits: Limits, user: str
    ) -> None:
        self._kernels = kernels
        self._runner = runner
        self._links = links
        self._quota = Quota(kernels, limits)
        self._user = user

    def get_kernel_session_status(
        self, request: ApiGetKernelSessionStatusRequest
    ) -> ApiGetKernelSessionStatusResponse:
        """Tell how a run stands."""
        session = self._runner.session(self._named(request))
        response = ApiGetKernelSessionStatusResponse()
        response.status = KernelWorkerStatus[session.state.name]
        response.failure_message = session.failure or None
        return response

    def list_kernel_session_output(
        self, request: ApiListKernelSessionOutputRequest
    ) -> ApiListKernelSessionOutputResponse:
        """List what a run left behind, a page at a time, and give its log so far."""
        version = self._named(request)
        page, token = page_of(_outputs(version), request.page_token, request.page_size)
        response = ApiListKernelSessionOutputResponse()
        response.files = [self._file(version, name) for name, _ in page]
        response.log = read_log(version.log)
        response.next_page_token = token
        return response

    def list_kernel_files(self, request: ApiListKernelFilesRequest) -> ApiListKernelFilesResponse:
        """List the names and sizes of what a run left behind, a page at a time."""
        version = self._named(request)
        page, token = page_of(_outputs(version), request.page_token, request.page_size)
        response = ApiListKernelFilesResponse()
        response.files = [_item(name, status) for name, status in page]
        response.next_page_token = token
        return response

    def get_kernel(self, request: ApiGetKernelRequest) -> ApiGetKernelResponse:
        """Give back what was pushed."""
        version = self._named(request)
        blob = ApiKernelBlob()
        blob.source = version.source.read_text(encoding="utf-8")
        blob.language, blob.kernel_type = "python", version.push.kernel_type
        blob.slug = version.handle.slug
        response = ApiGetKernelResponse()
        response.metadata, response.blob = self.described(version), blob
        return response

    def delete_kernel(self, request: ApiDeleteKernelRequest) -> ApiDeleteKernelResponse:
        """Delete a kernel with all its versions; what still runs is stopped."""
        handle = Handle(request.user_name, request.kernel_slug)
        require_owner(handle, self._user, "kernels.delete")
        self._kernels.record(handle)
        for version in self._kernels.versions(handle):
            self._runner.stop(version, "the kernel was deleted")
        self._kernels.discard(handle)
        return ApiDeleteKernelResponse()

    def described(self, version: KernelVersion) -> ApiKernelMetadata:
        """Describe a version of a kernel as `kernel-metadata.json` does."""
        push, session, handle = version.push, version.session, version.handle
        kernel = ApiKernelMetadata()
        kernel.id, kernel.ref = self._kernels.record(handle)["id"], str(handle)
        kernel.title, kernel.author, kernel.slug = push.title, handle.owner, handle.slug
        kernel.language, kernel.kernel_type = "python", push.kernel_type
        kernel.is_private, kernel.enable_internet = push.is_private, push.internet
        kernel.enable_gpu = push.accelerator == "gpu"
        kernel.enable_tpu = push.accelerator == "tpu"
        kernel.machine_shape, kernel.docker_image = push.machine_shape, push.docker_image
        kernel.category_ids = push.keywords
        kernel.dataset_data_sources, kernel.kernel_data_sources = push.datasets, push.kernels
        kernel.current_version_number = version.number
        kernel.last_run_time = as_datetime(session.started or session.queued)
        return kernel

    def get_accelerator_quota_statistics(
        self, request: ApiGetAcceleratorQuotaStatisticsRequest
    ) -> ApiGetAcceleratorQuotaStatisticsResponse:
        """Tell how much of the week's accelerator hours is used."""
        response = ApiGetAcceleratorQuotaStatisticsResponse()
        response.quota_refresh_time = self._quota.refreshes().replace(tzinfo=None)
        response.gpu_quota = self._hours("gpu")
        response.tpu_quota = self._hours("tpu")
        return response

    def named(self, owner: str, slug: str, label: str = "") -> KernelVersion:
        """Find a version.

        Args:
            owner: The owner's slug.
            slug: The kernel's slug; client 2.2.4 writes a version behind it, as in `faces/2`.
            label: The version as client 2.2.5 writes it, such as `v2`; the newest where empty.

        Raises:
            ApiError: There is none, or it is somebody else's and private.
        """
        slug, _, number = slug.partition("/")
        number = label.removeprefix("v") or number
        if number and not number.isdecimal():
            raise ApiError(400, f"a version must be a number, received '{number}'")
        handle = Handle(owner, slug)
        require_readable(handle, self._user, self._kernels.is_private, "kernels.get")
        return self._kernels.version(handle, int(number) if number else None)

    def _named(self, request: Any) -> KernelVersion:
        return self.named(request.user_name, request.kernel_slug, request.version_label or "")

    def _hours(self, accelerator: str) -> ApiAcceleratorQuota:
        quota = ApiAcceleratorQuota()
        quota.time_used = as_duration(self._quota.used(accelerator))
        quota.total_time_allowed = as_duration(self._quota.allowed(accelerator))
        return quota

    def _file(self, version: KernelVersion, name: str) -> ApiKernelSessionOutputFile:
        file = ApiKernelSessionOutputFile()
        file.file_name, file.url = name, self._links.url(version.output / name)
        return file


def _outputs(version: KernelVersion) -> list[Any]:
    # While a kernel runs its files may be half written: only the log is shown.
    return list(files_below(version.output)) if version.session.state.is_over else []


def _item(name: str, status: Any) -> ApiListKernelFilesItem:
    item = ApiListKernelFilesItem()
    item.name, item.size = name, status.st_size
    item.creation_date = as_datetime(status.st_mtime).isoformat(timespec="milliseconds") + "Z"
    return item
