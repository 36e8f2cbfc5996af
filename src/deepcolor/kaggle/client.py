"""What the chain asks of Kaggle, judged by HTTP statuses and typed fields.

Requests that only read are repeated after a transient fault. Requests that change something are
sent once: a fault may hide that they took effect, so the caller looks before it repeats them.
"""

import json
import re
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kagglesdk.datasets.types import dataset_api_service as datasets
from kagglesdk.kernels.types import kernels_api_service as kernels

from colorization.kaggle.paths import ARCHIVE
from colorization.kaggle.run import parse_json
from deepcolor.kaggle.request_errors import (
    ATTEMPTS,
    CONFLICT,
    KaggleError,
    MissingInputError,
    TransientError,
    kaggle_errors,
)

if TYPE_CHECKING:  # importing it authenticates
    from deepcolor.kaggle.official_api import OfficialApi

FINAL_STATES = ("COMPLETE", "ERROR", "CANCEL_ACKNOWLEDGED")
PAGE_SIZE = 200
T = TypeVar("T")


@dataclass(frozen=True)
class KernelStatus:
    """State of a kernel's last version; the message says why it failed, or is empty."""

    state: str
    message: str

    @property
    def final(self) -> bool:
        """Whether it will not change any more."""
        return self.state in FINAL_STATES


class KaggleClient:
    """Client of Kaggle or of its stand-in. Kernels and datasets are named `owner/slug`.

    `poll` is the number of seconds between two questions about something unfinished.
    """

    def __init__(self, api: "OfficialApi", poll: float):
        self.poll = poll
        self.retry = api.retry
        self._api = api
        client = api.build_kaggle_client()
        self._kernels = client.kernels.kernels_api_client
        self._datasets = client.datasets.dataset_api_client

    @property
    def username(self) -> str:
        """Name of the authenticated user."""
        return str(self._api.get_config_value("username"))

    def push(self, folder: Path) -> int:
        """Push the kernel staged in a folder, which makes Kaggle run it; return its version.

        Raises:
            MissingInputError: If it runs, but without an input that Kaggle does not know.
            KaggleError: If Kaggle does not accept it.
        """
        action = f"pushing {folder.name}"
        with kaggle_errors(action):
            response = self._api.kernels_push(str(folder))
        if response.error:
            raise KaggleError(f"{action} was refused: {response.error}\n{self._advice(folder)}")
        kinds = ("dataset", "kernel", "competition", "model")
        unknown = (getattr(response, f"invalid_{kind}_sources") or () for kind in kinds)
        if names := ", ".join(chain.from_iterable(unknown)):
            raise MissingInputError(
                f"{folder.name} was pushed and now runs without an input that Kaggle does not "
                f"know: {names}\nPublish it first (`deepcolor run` does), and check its owner."
            )
        return int(response.version_number)

    def _advice(self, folder: Path) -> str:
        if _read_json(folder / self._api.KERNEL_METADATA_FILE).get("enable_gpu"):
            with suppress(KaggleError):  # the error of the push is what the user must read
                used, allowed, renewed = self.gpu_quota()
                if used >= allowed:
                    return (
                        f"Your GPU hours are renewed on {renewed:%Y-%m-%d, %H:%M} UTC "
                        "(`kaggle quota`); until then set `enable_gpu` to false in the kernel's "
                        "metadata."
                    )
        return "If other kernels of yours are running, wait for one to end, or stop it on its page."

    def gpu_quota(self) -> tuple[float, float, datetime]:
        """Return the used and the allowed GPU hours of this week, and when it ends, in UTC."""
        quota = self.retry("reading the quota", self._api.quota_view)
        hours = [
            duration / timedelta(hours=1)
            for duration in (quota.gpu_quota.time_used, quota.gpu_quota.total_time_allowed)
        ]
        return hours[0], hours[1], quota.quota_refresh_time

    def kernel_source(self, kernel: str) -> str | None:
        """Return the code of a kernel's newest version; None if there is no such kernel."""
        request = _of_kernel(kernels.ApiGetKernelRequest(), kernel)
        action = f"reading kernel {kernel}"
        response = self._if_found(action, lambda: self._kernels.get_kernel(request))
        return str(response.blob.source) if response else None

    def kernel_status(self, kernel: str, version: int | None = None) -> KernelStatus:
        """Return the state of a kernel's version, by default the newest."""
        request = _of_kernel(kernels.ApiGetKernelSessionStatusRequest(), kernel)
        if version:
            request.version_label = f"v{version}"
        call = self._kernels.get_kernel_session_status
        response = self.retry(f"reading the status of {kernel}", lambda: call(request))
        return KernelStatus(response.status.name, response.failure_message or "")

    def follow_log(self, kernel: str, version: int | None = None) -> Iterator[str]:
        """Yield what a kernel prints until it ends, also where connections break or end early.

        `version` is the version whose end is waited for, by default the newest.
        """
        received = failures = quiet = 0
        final = False
        while True:
            before = received
            try:
                with kaggle_errors(f"following the log of {kernel}"):
                    # Every connection receives the log from its beginning.
                    for event in islice(self._api.kernels_logs_stream(kernel), received, None):
                        received += 1
                        yield event.get("data", "")
            except KaggleError as error:
                failures = 1 if received > before else failures + 1
                if failures == ATTEMPTS:
                    raise
                self.retry.wait(failures, error)
                continue
            if final:
                return
            # A service ends idle connections, too: only the status tells whether the kernel ended.
            final = self.kernel_status(kernel, version).final
            if not final:
                quiet = 0 if received > before else min(quiet + 1, ATTEMPTS - 1)
                self.retry.wait(quiet)

    def kernel_log(self, kernel: str) -> str:
        """Return the log of a kernel's newest version, as JSON: see `download_output`."""
        request = _of_kernel(kernels.ApiListKernelSessionOutputRequest(), kernel)
        call = self._kernels.list_kernel_session_output
        return str(self.retry(f"reading the log of {kernel}", lambda: call(request)).log or "")

    def download_output(self, kernel: str, folder: Path, pattern: str = "") -> str:
        """Download the output files of a kernel whose names match a pattern, all of them whole.

        Returns:
            The log: a JSON list with an object per piece of what the kernel printed.
        """
        action = f"listing the output of {kernel}"
        request = _of_kernel(kernels.ApiListKernelFilesRequest(), kernel)
        files = self._pages(action, self._kernels.list_kernel_files, request)
        sizes = {file.name: file.size for page in files for file in page.files or []}
        request = _of_kernel(kernels.ApiListKernelSessionOutputRequest(), kernel)
        pages = list(self._pages(action, self._kernels.list_kernel_session_output, request))
        urls = {file.file_name: file.url for page in pages for file in page.files or []}
        for name in filter(re.compile(pattern).search, sizes):
            if name not in urls or ".." in Path(name).parts:
                raise KaggleError(f"cannot download {name}, an output of {kernel}")
            self._api.save_url(urls[name], folder / name, sizes[name])
        return str(pages[0].log or "")

    def dataset_version(self, handle: str) -> tuple[str, int] | None:
        """Return a dataset's state and newest version: ("ready", 3); None if there is none."""
        status = _of_dataset(datasets.ApiGetDatasetStatusRequest(), handle)
        version = _of_dataset(datasets.ApiGetDatasetRequest(), handle)

        def read() -> tuple[str, int]:
            state = self._datasets.get_dataset_status(status).status.name.lower()
            return state, int(self._datasets.get_dataset(version).current_version_number)

        return self._if_found(f"reading the status of dataset {handle}", read)

    def wait_until_ready(self, handle: str, seconds: float = 3600) -> int | None:
        """Wait until Kaggle serves the newest version of a dataset; None if there is no dataset.

        Raises:
            KaggleError: If Kaggle could not process it, or takes longer.
        """
        deadline = time.monotonic() + seconds
        while found := self.dataset_version(handle):
            if found[0] == "ready":
                return found[1]
            if found[0] in {"failed", "deleted"} or time.monotonic() > deadline:
                raise KaggleError(f"dataset {handle} does not become ready: {found[0]}")
            time.sleep(self.poll / 10)
        return None

    def dataset_files(self, handle: str, version: int | None = None) -> dict[str, int]:
        """Return the sizes of the files of a dataset's version, bytes by name."""
        request = _of_dataset(datasets.ApiListDatasetFilesRequest(), handle, version)
        action = f"listing the files of dataset {handle}"
        pages = self._pages(action, self._datasets.list_dataset_files, request)
        return {file.name: file.total_bytes for page in pages for file in page.dataset_files or []}

    def dataset_json(
        self, handle: str, name: str, version: int | None = None
    ) -> dict[str, Any] | None:
        """Return the content of a small JSON file of a dataset's version; None if it is not there.

        The file may be in `archive/`: see `colorization.kaggle.paths`.
        """
        request = _of_dataset(datasets.ApiDownloadDatasetRequest(), handle, version)
        call = self._datasets.download_dataset
        for request.file_name in (name, f"{ARCHIVE}/{name}"):
            found = self._if_found(
                f"reading {name} of {handle}", lambda: parse_json(call(request).content)
            )
            if found is not None:
                return found
        return None

    def download_dataset(self, handle: str, folder: Path) -> None:
        """Download a dataset's newest version, all of its files whole."""
        request = _of_dataset(datasets.ApiDownloadDatasetRequest(), handle)
        sizes = self.dataset_files(handle)

        def download() -> None:
            with tempfile.TemporaryFile() as archive:
                archive.writelines(self._datasets.download_dataset(request).iter_content(1 << 20))
                try:
                    zipfile.ZipFile(archive).extractall(folder)
                except zipfile.BadZipFile as error:
                    raise TransientError(f"the archive of {handle} is not whole") from error
            if wrong := [name for name, size in sizes.items() if _size(folder / name) != size]:
                raise TransientError(f"files of {handle} are not whole: {', '.join(wrong)}")

        self.retry(f"downloading dataset {handle}", download)

    def upload_dataset(self, folder: Path, notes: str, new: bool) -> None:
        """Upload the dataset staged in a folder, or a new version; then see `wait_until_ready`."""
        metadata = _read_json(folder / self._api.DATASET_METADATA_FILE)
        owner, slug = metadata["id"].split("/")
        files = [{"token": token} for token in self._api.upload_folder(folder)]
        content = {"files": files, "categoryIds": metadata.get("keywords", [])}
        content |= {key: metadata[key] for key in ("subtitle", "description") if key in metadata}
        client = self._api.build_kaggle_client().datasets.dataset_api_client
        with kaggle_errors(action := f"uploading dataset {metadata['id']}"):
            if new:
                content |= {"ownerSlug": owner, "slug": slug, "title": metadata["title"]}
                content |= {"licenseName": metadata["licenses"][0]["name"], "isPrivate": True}
                request = datasets.ApiCreateDatasetRequest.from_dict(content)
                response = client.create_dataset(request)
            else:
                body = content | {"versionNotes": notes}
                version = {"ownerSlug": owner, "datasetSlug": slug, "body": body}
                request = datasets.ApiCreateDatasetVersionRequest.from_dict(version)
                response = client.create_dataset_version(request)
        if response.status.lower() != "ok":
            raise KaggleError(f"{action} was refused: {response.error}", CONFLICT if new else None)
        self._api.forget_uploads(folder)

    def _if_found(self, action: str, request: Callable[[], T]) -> T | None:
        try:
            return self.retry(action, request)
        except KaggleError as error:
            if error.not_found:
                return None
            raise

    def _pages(self, action: str, call: Callable[[Any], Any], request: Any) -> Iterator[Any]:
        request.page_size = PAGE_SIZE
        while True:
            page = self.retry(action, lambda: call(request))
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


def _of_kernel(request: Any, kernel: str) -> Any:
    request.user_name, request.kernel_slug = kernel.split("/")
    return request


def _of_dataset(request: Any, handle: str, version: int | None = None) -> Any:
    request.owner_slug, request.dataset_slug = handle.split("/")
    if version:
        request.dataset_version_number = version
    return request


def _read_json(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text("utf-8")))


def _size(file: Path) -> int | None:
    return file.stat().st_size if file.is_file() else None
