"""The calls that read kernels, with kagglesdk types in and out."""

from dataclasses import dataclass
from typing import Any

from kagglesdk.kernels.types.kernels_api_service import (
    ApiDownloadKernelOutputRequest,
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
    ApiListKernelsRequest,
    ApiListKernelsResponse,
)
from kagglesdk.kernels.types.kernels_enums import (
    KernelsListSortType,
    KernelsListViewType,
    KernelWorkerStatus,
)

from kaggle_local.api.auth import require_readable, visible_handles
from kaggle_local.api.serialization import Redirect, as_datetime, build, take_page
from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle
from kaggle_local.runner.runner import Runner
from kaggle_local.state.files import resolve_inside
from kaggle_local.state.kernels import Kernels, KernelVersion
from kaggle_local.state.logs import read_log
from kaggle_local.state.signed_urls import SignedUrls
from kaggle_local.state.trees import walk_files


@dataclass(frozen=True)
class KernelReads:
    """The calls of `kernels.KernelsApiService` that change nothing."""

    kernels: Kernels
    runner: Runner
    urls: SignedUrls
    user: str

    def get_kernel_session_status(
        self, request: ApiGetKernelSessionStatusRequest
    ) -> ApiGetKernelSessionStatusResponse:
        """Return the state of a run."""
        session = self.runner.session(self._version_of(request))
        return build(
            ApiGetKernelSessionStatusResponse,
            status=KernelWorkerStatus[session.state.name],
            failure_message=session.failure or None,
        )

    def list_kernel_session_output(
        self, request: ApiListKernelSessionOutputRequest
    ) -> ApiListKernelSessionOutputResponse:
        """Return the output files of a run, page by page, and its log so far."""
        version = self._version_of(request)
        page, token = take_page(_outputs(version), request.page_token, request.page_size)
        files = [self._file(version, name) for name, _ in page]
        log = read_log(version.log)
        return build(
            ApiListKernelSessionOutputResponse, files=files, log=log, next_page_token=token
        )

    def list_kernel_files(self, request: ApiListKernelFilesRequest) -> ApiListKernelFilesResponse:
        """List the names and sizes of the output files, page by page."""
        version = self._version_of(request)
        page, token = take_page(_outputs(version), request.page_token, request.page_size)
        files = [_item(name, status) for name, status in page]
        return build(ApiListKernelFilesResponse, files=files, next_page_token=token)

    def download_kernel_output(self, request: ApiDownloadKernelOutputRequest) -> Redirect:
        """Redirect to the zip of a finished run's output, or to one of its files."""
        label = f"v{request.version_number}" if request.version_number else ""
        version = self.find_version(request.owner_slug, request.kernel_slug, label)
        session = self.runner.session(version)
        if not session.state.is_over:
            raise ApiError(404, f"'{version.handle}' still runs: its output can be read afterward")
        if request.file_path:
            return Redirect(self.urls.sign(resolve_inside(version.output, request.file_path)))
        archive = self.kernels.zip_once(version, version.output, session.ended or session.queued)
        return Redirect(self.urls.sign(archive, save_as=f"{version.handle.slug}.zip"))

    def list_kernels(self, request: ApiListKernelsRequest) -> ApiListKernelsResponse:
        """List kernels, the last run first, filtered by owner, words, type and source."""
        mine = request.group is KernelsListViewType.PROFILE
        owner = self.user if mine else request.user
        handles = visible_handles(self.kernels, self.user, owner, request.search)
        versions = [self.kernels.version(handle) for handle in handles]
        versions = [version for version in versions if _matches(version, request)]
        versions.sort(key=lambda version: version.session.queued, reverse=True)
        if request.sort_by is KernelsListSortType.DATE_CREATED:
            versions.sort(key=lambda v: self.kernels.record(v.handle)["created"], reverse=True)
        page, token = take_page(versions, request.page_token, request.page_size, request.page)
        kernels = [self._describe(version) for version in page]
        return build(ApiListKernelsResponse, kernels=kernels, next_page_token=token)

    def get_kernel(self, request: ApiGetKernelRequest) -> ApiGetKernelResponse:
        """Return the pushed source and metadata."""
        version = self._version_of(request)
        blob = build(
            ApiKernelBlob,
            source=version.source.read_text(encoding="utf-8"),
            language="python",
            kernel_type=version.push.kernel_type,
            slug=version.handle.slug,
        )
        return build(ApiGetKernelResponse, metadata=self._describe(version), blob=blob)

    def _describe(self, version: KernelVersion) -> ApiKernelMetadata:
        push, session, handle = version.push, version.session, version.handle
        kernel = ApiKernelMetadata()
        kernel.id, kernel.ref = self.kernels.record(handle)["id"], str(handle)
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

    def find_version(self, owner: str, slug: str, label: str = "") -> KernelVersion:
        """Return a version of a kernel that the user may read, the newest by default.

        Client 2.2.4 appends a version to `slug`, as in `faces/2`; 2.2.5 sends a `label` like `v2`.
        """
        slug, _, number = slug.partition("/")
        number = label.removeprefix("v") or number
        if number and not number.isdecimal():
            raise ApiError(400, f"a version must be a number, received '{number}'")
        handle = Handle(owner, slug)
        require_readable(handle, self.user, self.kernels, "kernels.get")
        return self.kernels.version(handle, int(number) if number else None)

    def require_public(self, request: ApiGetKernelRequest | ApiDownloadKernelOutputRequest) -> None:
        """Check that anybody may read the kernel of a request; a missing one is private, too."""
        by_owner = isinstance(request, ApiDownloadKernelOutputRequest)
        owner = request.owner_slug if by_owner else request.user_name
        handle = Handle(owner, request.kernel_slug.partition("/")[0])
        require_readable(handle, "", self.kernels, "kernels.get")

    def _version_of(self, request: Any) -> KernelVersion:
        label = request.version_label or ""
        return self.find_version(request.user_name, request.kernel_slug, label)

    def _file(self, version: KernelVersion, name: str) -> ApiKernelSessionOutputFile:
        url = self.urls.sign(version.output / name)
        return build(ApiKernelSessionOutputFile, file_name=name, url=url)


def _outputs(version: KernelVersion) -> list[Any]:
    # The files of a running kernel may be incomplete.
    return list(walk_files(version.output)) if version.session.state.is_over else []


def _item(name: str, status: Any) -> ApiListKernelFilesItem:
    created = as_datetime(status.st_mtime).isoformat(timespec="milliseconds") + "Z"
    return build(ApiListKernelFilesItem, name=name, size=status.st_size, creation_date=created)


def _matches(version: KernelVersion, request: ApiListKernelsRequest) -> bool:
    push = version.push
    return (
        request.kernel_type in ("", "all", push.kernel_type)
        and request.language in ("", "all", "python")
        and (not request.dataset or request.dataset in push.datasets)
        and (not request.parent_kernel or request.parent_kernel in push.kernels)
        and not request.competition
    )
