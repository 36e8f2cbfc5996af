"""The official `kaggle` package, set up for one service.

Importing `kaggle` authenticates, so only `open_client` imports this module. Service and proxy
belong to the instance here, not to the environment of the process.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import requests
from kaggle.api.kaggle_api_extended import KaggleApi
from kagglesdk import KaggleClient as TypedClient
from kagglesdk.blobs.types.blob_api_service import ApiBlobType, ApiStartBlobUploadRequest
from requests.adapters import HTTPAdapter

from colorization.files import atomic_path, save_json
from deepcolor.kaggle.request_errors import KaggleError, Retry, TransientError

TIMEOUT = (30.0, 300.0)  # seconds to connect, and between two pieces of a response


class OfficialApi(KaggleApi):
    """`KaggleApi` with connections of its own, and with transfers of whole files."""

    already_printed_version_warning = True  # the version is pinned

    def __init__(self, environment: Mapping[str, str], retry: Retry):
        super().__init__()
        self.retry = retry
        local = environment.get("KAGGLE_API_ENVIRONMENT") == "LOCALHOST"
        self.args = ["--local"] if local else []
        self._proxy = environment.get("http_proxy") if local else None
        self._files = self._set_up(requests.Session())  # for signed URLs: without credentials

    def build_kaggle_client(self) -> TypedClient:
        """Return a typed client with a connection of its own."""
        client = super().build_kaggle_client()
        http = client.http_client()
        http._init_session()
        self._set_up(http._session)
        return client

    def _set_up(self, session: requests.Session) -> requests.Session:
        if self._proxy:
            session.trust_env = False  # other proxies of the environment are for other servers
            session.proxies["http"] = self._proxy
        for scheme in ("http://", "https://"):
            session.mount(scheme, _TimeoutAdapter())
        return session

    def save_url(self, url: str, file: Path, size: int) -> None:
        """Download a file of known size, whole or not at all."""
        file.parent.mkdir(parents=True, exist_ok=True)

        def download(part: Path) -> None:
            with self._files.get(url, stream=True) as response, part.open("wb") as target:
                response.raise_for_status()
                target.writelines(response.iter_content(1 << 20))
            if (received := part.stat().st_size) != size:
                raise TransientError(f"received {received} of the {size} bytes of {file.name}")

        with atomic_path(file) as part:
            self.retry(f"downloading {file.name}", lambda: download(part))

    def upload_folder(self, folder: Path) -> Iterator[str]:
        """Upload the files of a folder, and each folder in it as a zip; yield their tokens.

        What was uploaded is listed in a file beside the folder, so that a later call resumes it.
        """
        with tempfile.TemporaryDirectory() as scratch:
            for path in sorted(folder.iterdir()):
                if path.is_dir():
                    path = Path(shutil.make_archive(f"{scratch}/{path.name}", "zip", path))
                if path.name != self.DATASET_METADATA_FILE:
                    yield self._upload(path, _uploads_file(folder))

    def forget_uploads(self, folder: Path) -> None:
        """Delete the list of a folder's uploads: they are a dataset now."""
        _uploads_file(folder).unlink(missing_ok=True)

    def _upload(self, file: Path, uploads: Path) -> str:
        """Upload a file, resuming where an earlier attempt ended; return its token."""
        size, changed = file.stat().st_size, file.stat().st_mtime_ns
        key = f"{'local' if self._proxy else 'kaggle'} {file.name} {size} {changed}"
        started = json.loads(uploads.read_text("utf-8")) if uploads.is_file() else {}
        resumed = key in started
        attempts = count(int(resumed))
        if not resumed:
            started[key] = self._start_upload(file.name, size, changed // 10**9)
            save_json(uploads, started)
        token, url = started[key]

        def send() -> None:
            offset = self._received(url, size) if next(attempts) else 0
            if offset is None:
                return
            headers = {"Content-Range": f"bytes {offset}-{size - 1}/{size}"} if offset else {}
            with file.open("rb") as content:
                content.seek(offset)
                self._files.put(url, content, headers=headers).raise_for_status()

        try:
            self.retry(f"uploading {file.name}", send)
        except KaggleError as error:
            if isinstance(error, TransientError):
                raise
            uploads.unlink()
            if not resumed:
                raise
            return self._upload(file, uploads)  # the earlier upload has expired
        return str(token)

    def _start_upload(self, name: str, size: int, changed: int) -> tuple[str, str]:
        request = ApiStartBlobUploadRequest()
        request.type, request.name, request.content_length = ApiBlobType.DATASET, name, size
        request.last_modified_epoch_seconds = changed
        start = self.build_kaggle_client().blobs.blob_api_client.start_blob_upload
        blob = self.retry(f"uploading {name}", lambda: start(request))
        return blob.token, blob.create_url

    def _received(self, url: str, size: int) -> int | None:
        """Return how many bytes of an upload the service holds; None if it holds all."""
        headers = {"Content-Length": "0", "Content-Range": f"bytes */{size}"}
        response = self._files.put(url, headers=headers, allow_redirects=False)
        response.raise_for_status()
        if response.status_code != 308:  # "resume incomplete"
            return None
        return int(response.headers.get("Range", "bytes=0--1").split("-", 1)[1]) + 1


def _uploads_file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.uploads.json")


class _TimeoutAdapter(HTTPAdapter):
    """Gives every request a timeout; `requests` waits forever by default."""

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        return super().send(*args, **kwargs | {"timeout": kwargs.get("timeout") or TIMEOUT})
