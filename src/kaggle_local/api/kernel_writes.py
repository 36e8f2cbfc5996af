"""The calls that change kernels: `SaveKernel` (a push) and `DeleteKernel`."""

import json
from dataclasses import dataclass

from kagglesdk.kernels.types.kernels_api_service import (
    ApiDeleteKernelRequest,
    ApiDeleteKernelResponse,
    ApiSaveKernelRequest,
    ApiSaveKernelResponse,
)
from kagglesdk.kernels.types.kernels_enums import KernelExecutionType

from kaggle_local.api.auth import require_owner
from kaggle_local.api.kernel_sources import ResolvedSources, SourceResolver
from kaggle_local.api.quota import Quota, accelerator_of
from kaggle_local.api.serialization import build
from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle, parse_handle, slugify
from kaggle_local.runner.runner import Runner
from kaggle_local.settings import Limits
from kaggle_local.state.kernels import Kernels, KernelVersion, Push, SessionState
from kaggle_local.state.store import Store, now, stable_id


@dataclass(frozen=True)
class KernelWrites:
    """The calls of `kernels.KernelsApiService` that change something."""

    store: Store
    kernels: Kernels
    sources: SourceResolver
    runner: Runner
    quota: Quota
    limits: Limits
    user: str
    as_reported: bool = False

    def save_kernel(self, request: ApiSaveKernelRequest) -> ApiSaveKernelResponse:
        """Store a new version of a kernel and run it, unless it is a quick save."""
        handle = self._handle_of(request)
        require_owner(handle, self.user, "kernels.update")
        self._check(request, handle)
        runs = request.kernel_execution_type is not KernelExecutionType.QUICK_SAVE
        # One push at a time: two at once could both take the last free session.
        with self.store.lock("push"):
            accelerator = accelerator_of(
                request.machine_shape, request.enable_gpu, request.enable_tpu
            )
            if runs and (reason := self.quota.exceeded_limit(accelerator, self.runner.running())):
                return build(ApiSaveKernelResponse, error=reason)
            sources = self.sources.resolve(request)
            push = self._push_of(request, handle, accelerator, sources)
            state = SessionState.QUEUED if runs else SessionState.NEW_SCRIPT
            version = self._save(handle, push, request.text, state)
            if runs:
                self.runner.start(version, sources.inputs)
        return _accepted(version, self.kernels.record(handle)["id"], request, sources)

    def delete_kernel(self, request: ApiDeleteKernelRequest) -> ApiDeleteKernelResponse:
        """Stop a kernel and delete it with all its versions."""
        handle = Handle(request.user_name, request.kernel_slug)
        require_owner(handle, self.user, "kernels.delete")
        self.kernels.record(handle)
        for version in self.kernels.versions(handle):
            self.runner.stop(version, "the kernel was deleted")
        self.kernels.discard(handle)
        return ApiDeleteKernelResponse()

    def _handle_of(self, request: ApiSaveKernelRequest) -> Handle:
        if request.id:
            return self.kernels.find_id(request.id)
        if self.as_reported and request.new_title:
            return Handle(request.slug.partition("/")[0], slugify(request.new_title))
        if "/" not in request.slug:
            raise ApiError(
                400,
                f"'id' must be owner/slug, such as '{self.user}/{request.slug}', "
                f"received '{request.slug}'",
            )
        return parse_handle(request.slug)

    def _check(self, request: ApiSaveKernelRequest, handle: Handle) -> None:
        if request.language != "python":
            raise ApiError(400, f"'language' must be python here, received '{request.language}'")
        if request.kernel_type not in ("script", "notebook"):
            raise ApiError(
                400, f"'kernel_type' must be script or notebook, received '{request.kernel_type}'"
            )
        if not request.text.strip():
            raise ApiError(400, f"'code_file' of '{handle}' must not be empty")
        size, largest = len(request.text.encode()), self.limits.source_bytes
        if size > largest:
            raise ApiError(
                400, f"'code_file' of '{handle}' must have at most {largest} bytes, received {size}"
            )
        if request.kernel_type == "notebook":
            _check_notebook(request.text)
        title = self._title_of(request, handle)
        if len(title) < 5 or slugify(title) != slugify(handle.slug):
            named = f"'id_no' {request.id} is" if request.id else "the id is"
            raise ApiError(
                409,
                f"the title '{title}' gives the slug '{slugify(title)}' (at least 5 characters), "
                f"but {named} '{handle}': make them agree",
            )

    def _title_of(self, request: ApiSaveKernelRequest, handle: Handle) -> str:
        if not request.new_title and self.kernels.exists(handle):
            return str(self.kernels.record(handle)["title"])
        return request.new_title or ""

    def _push_of(
        self,
        request: ApiSaveKernelRequest,
        handle: Handle,
        accelerator: str,
        sources: ResolvedSources,
    ) -> Push:
        longest = self.limits.session_hours * 3600
        return Push(
            title=self._title_of(request, handle),
            kernel_type=request.kernel_type,
            is_private=request.is_private is not False,
            internet=request.enable_internet is not False,
            accelerator=accelerator,
            machine_shape=request.machine_shape or "",
            timeout=min(request.session_timeout_seconds or longest, longest),
            datasets=list(request.dataset_data_sources or []),
            kernels=list(request.kernel_data_sources or []),
            keywords=list(request.category_ids or []),
            docker_image=request.docker_image or "",
            mounts=[(i.kind, i.handle.owner, i.handle.slug, i.number) for i in sources.inputs],
        )

    def _save(self, handle: Handle, push: Push, text: str, state: SessionState) -> KernelVersion:
        if self.kernels.exists(handle):
            record = self.kernels.record(handle)
        else:
            # A server that was killed during a first push may have left a version.
            self.kernels.discard(handle)
            record = {"id": stable_id("kernel", handle), "created": now()}
        version = self.kernels.add_version(handle, push, text, state)
        changes = {"title": push.title, "is_private": push.is_private}
        self.kernels.write_record(handle, record | changes)
        return version


def _check_notebook(text: str) -> None:
    try:
        kernel = json.loads(text)["metadata"]["kernelspec"]["name"]
    except (ValueError, KeyError, TypeError):
        kernel = None
    if not kernel:
        raise ApiError(400, "the notebook must name its kernel in 'metadata.kernelspec.name'")


def _accepted(
    version: KernelVersion, number: int, request: ApiSaveKernelRequest, sources: ResolvedSources
) -> ApiSaveKernelResponse:
    return build(
        ApiSaveKernelResponse,
        ref=f"/code/{version.handle}",
        url=f"http://localhost/code/{version.handle}",
        version_number=version.number,
        kernel_id=number,
        invalid_dataset_sources=sources.invalid_datasets,
        invalid_kernel_sources=sources.invalid_kernels,
        invalid_competition_sources=list(request.competition_data_sources or []),
        invalid_model_sources=list(request.model_data_sources or []),
    )
