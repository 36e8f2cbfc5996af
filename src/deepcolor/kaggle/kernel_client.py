"""What the chain asks of Kaggle about kernels, judged by HTTP statuses and typed fields."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from kagglesdk.kernels.types import kernels_api_service as kernels

from deepcolor.kaggle.request_errors import (
    ATTEMPTS,
    KaggleError,
    MissingInputError,
    kaggle_errors,
)
from deepcolor.kaggle.typed_requests import TypedRequests

FINAL_STATES = ("COMPLETE", "ERROR", "CANCEL_ACKNOWLEDGED")


@dataclass(frozen=True)
class KernelStatus:
    """State of a kernel's last version; the message says why it failed, or is empty."""

    state: str
    message: str

    @property
    def final(self) -> bool:
        """Whether it will not change any more."""
        return self.state in FINAL_STATES


class KernelClient(TypedRequests):
    """The part of `KaggleClient` that pushes, follows and downloads kernels."""

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
        metadata = json.loads((folder / self._api.KERNEL_METADATA_FILE).read_text("utf-8"))
        if metadata.get("enable_gpu"):
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


def _of_kernel(request: Any, kernel: str) -> Any:
    request.user_name, request.kernel_slug = kernel.split("/")
    return request
