"""The official `kaggle` package, set up for one service.

Importing `kaggle` authenticates, so only `open_client` imports this module, in the environment of
the service. The package reads service and proxy from the environment of the process; here they
belong to the instance.
"""

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

from colorization.files import atomic_path
from deepcolor.kaggle.request_errors import Retry, TransientError

TIMEOUT = (30.0, 300.0)  # seconds to connect, and between two pieces of a response


class OfficialApi(KaggleApi):
    """`KaggleApi` with connections of its own, and with transfers of whole files.

    Args:
        environment: Environment variables that say which service is used.
        retry: Repeats requests.
    """

    already_printed_version_warning = True  # the version is pinned

    def __init__(self, environment: Mapping[str, str], retry: Retry):
        super().__init__()
        self.retry = retry
        local = environment.get("KAGGLE_API_ENVIRONMENT") == "LOCALHOST"
        self.args = ["--local"] if local else []
        self._proxy = environment["http_proxy"] if local else None
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
        """Upload the files of a folder, and each folder in it as a zip; yield their tokens."""
        with tempfile.TemporaryDirectory() as scratch:
            for path in sorted(folder.iterdir()):
                if path.is_dir():
                    path = Path(shutil.make_archive(f"{scratch}/{path.name}", "zip", path))
                if path.name != self.DATASET_METADATA_FILE:
                    yield self._upload(path)

    def _upload(self, file: Path) -> str:
        """Upload a file, resuming where a connection broke; return its token."""
        action, size = f"uploading {file.name}", file.stat().st_size
        request = ApiStartBlobUploadRequest()
        request.type, request.name, request.content_length = ApiBlobType.DATASET, file.name, size
        request.last_modified_epoch_seconds = int(file.stat().st_mtime)
        start = self.build_kaggle_client().blobs.blob_api_client.start_blob_upload
        blob = self.retry(action, lambda: start(request))
        attempts = count()

        def send() -> None:
            offset = self._received(blob.create_url, size) if next(attempts) else 0
            if offset is None:
                return
            headers = {"Content-Range": f"bytes {offset}-{size - 1}/{size}"} if offset else {}
            with file.open("rb") as content:
                content.seek(offset)
                self._files.put(blob.create_url, content, headers=headers).raise_for_status()

        self.retry(action, send)
        return str(blob.token)

    def _received(self, url: str, size: int) -> int | None:
        """Return how many bytes of an upload the service holds; None if it holds all."""
        headers = {"Content-Length": "0", "Content-Range": f"bytes */{size}"}
        response = self._files.put(url, headers=headers, allow_redirects=False)
        response.raise_for_status()
        if response.status_code != 308:  # "resume incomplete"
            return None
        return int(response.headers.get("Range", "bytes=0--1").split("-", 1)[1]) + 1


class _TimeoutAdapter(HTTPAdapter):
    """Gives every request a timeout; `requests` waits forever by default."""

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        return super().send(*args, **kwargs | {"timeout": kwargs.get("timeout") or TIMEOUT})
