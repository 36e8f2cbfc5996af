"""Pushing a kernel: what is accepted, what is mounted, and what is only complained about."""

from kagglesdk.kernels.types.kernels_api_service import (
    ApiSaveKernelRequest,
    ApiSaveKernelResponse,
)
from kagglesdk.kernels.types.kernels_enums import KernelExecutionType

from kaggle_local.api.kernel_sources import Resolver, Sources
from kaggle_local.api.quota import Quota, accelerator_of
from kaggle_local.errors import ApiError
from kaggle_local.handles import (
    Handle,
    parse_handle,
    require_owner,
    slugify,
)
from kaggle_local.limits import Limits
from kaggle_local.runner.runner import Runner
from kaggle_local.state.datasets import Datasets
from kaggle_local.state.kernel_version import KernelVersion, Push, State
from kaggle_local.state.kernels import Kernels
from kaggle_local.state.store import Store, now, stable_id


class Pushes:
    """The call `SaveKernel`.

    Args:
        store: The state folder.
        kernels: Where pushes are kept.
        datasets: Where sources come from.
        runner: Runs what was pushed.
        limits: What is allowed.
        user: Who the server's token belongs to.
    """

    def __init__(
        self,
        store: Store,
        kernels: Kernels,
        datasets: Datasets,
        runner: Runner,
        limits: Limits,
        user: str,
    ) -> None:
        self._store = store
        self._kernels = kernels
        self._runner = runner
        self._limits = limits
        self._user = user
        self._quota = Quota(kernels, limits)
        self._resolver = Resolver(kernels, datasets, user)

    def save_kernel(self, request: ApiSaveKernelRequest) -> ApiSaveKernelResponse:
        """Store a new version of a kernel and, unless it is only saved, run it."""
        handle = self._handle_of(request)
        require_owner(handle, self._user, "kernels.update")
        self._check(request, handle)
        runs = request.kernel_execution_type is not KernelExecutionType.QUICK_SAVE
        # One push at a time: two at once could both find room for a last session.
        with self._store.lock("push"):
            accelerator = accelerator_of(
                request.machine_shape, request.enable_gpu, request.enable_tpu
            )
            if runs and (why := self._quota.refusal(accelerator, self._runner.running())):
                return _refused(why)
            sources = self._resolver.resolve(request)
            version = self._add(handle, request, accelerator, sources, runs)
            if runs:
                self._runner.start(version, sources.inputs)
        return _accepted(version, self._kernels.record(handle)["id"], request, sources)

    def _handle_of(self, request: ApiSaveKernelRequest) -> Handle:
        if request.id:
            for handle in self._kernels.handles():
                if self._kernels.record(handle)["id"] == request.id:
                    return handle
            raise ApiError(404, f"there is no kernel with the number {request.id}")
        if "/" not in request.slug:
            raise ApiError(
                400,
                f"'id' must be owner/slug, received '{request.slug}': "
                f"'{self._user}/{request.slug}' would be yours",
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
        size = len(request.text.encode())
        if size > self._limits.source_bytes:
            raise ApiError(
                400,
                f"'code_file' of '{handle}' has {size} bytes, "
                f"more than the {self._limits.source_bytes} allowed",
            )
        title = request.new_title or self._title_of(handle)
        if len(title) < 5 or slugify(title) != slugify(handle.slug):
            raise ApiError(
                409,
                f"the title '{title}' makes the slug '{slugify(title)}' (of 5 characters or more), "
                f"but the id says '{handle.slug}': make them agree",
            )

    def _title_of(self, handle: Handle) -> str:
        if self._kernels.exists(handle):
            return str(self._kernels.record(handle)["title"])
        return ""

    def _add(
        self,
        handle: Handle,
        request: ApiSaveKernelRequest,
        accelerator: str,
        sources: Sources,
        runs: bool,
    ) -> KernelVersion:
        title = request.new_title or self._title_of(handle)
        longest = self._limits.session_hours * 3600
        push = Push(
            title=title,
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
            mounts=sources.mounts,
        )
        if not self._kernels.exists(handle):
            # What a server killed in the middle of a first push may have left.
            self._kernels.discard(handle)
        state = State.QUEUED if runs else State.NEW_SCRIPT
        version = self._kernels.add_version(handle, push, request.text, state)
        record = {"id": stable_id("kernel", handle), "created": now()}
        if self._kernels.exists(handle):
            record = self._kernels.record(handle)
        changed = {"title": title, "is_private": push.is_private}
        self._kernels.write_record(handle, record | changed)
        return version


def _refused(why: str) -> ApiSaveKernelResponse:
    response = ApiSaveKernelResponse()
    response.error = why
    return response


def _accepted(
    version: KernelVersion, number: int, request: ApiSaveKernelRequest, sources: Sources
) -> ApiSaveKernelResponse:
    response = ApiSaveKernelResponse()
    response.ref = f"/code/{version.handle}"
    response.url = f"http://localhost/code/{version.handle}"
    response.version_number = version.number
    response.kernel_id = number
    response.invalid_dataset_sources = sources.invalid_datasets
    response.invalid_kernel_sources = sources.invalid_kernels
    response.invalid_competition_sources = list(request.competition_data_sources or [])
    response.invalid_model_sources = list(request.model_data_sources or [])
    return response
