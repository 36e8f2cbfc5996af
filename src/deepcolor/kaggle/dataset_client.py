"""What the chain asks of Kaggle about datasets, judged by HTTP statuses and typed fields."""

import json
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from kagglesdk.datasets.types import dataset_api_service as datasets

from colorization.kaggle.paths import ARCHIVE
from colorization.kaggle.run import parse_json
from deepcolor.kaggle.request_errors import CONFLICT, KaggleError, TransientError, kaggle_errors
from deepcolor.kaggle.typed_requests import TypedRequests


class DatasetClient(TypedRequests):
    """The part of `KaggleClient` that reads, downloads and uploads datasets."""

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
        metadata = json.loads((folder / self._api.DATASET_METADATA_FILE).read_text("utf-8"))
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


def _of_dataset(request: Any, handle: str, version: int | None = None) -> Any:
    request.owner_slug, request.dataset_slug = handle.split("/")
    if version:
        request.dataset_version_number = version
    return request


def _size(file: Path) -> int | None:
    return file.stat().st_size if file.is_file() else None
