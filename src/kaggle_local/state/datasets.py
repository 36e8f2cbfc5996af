"""Datasets on disk: immutable numbered versions of a set of files.

A dataset is `datasets/<owner>/<slug>/` with `dataset.json` and `versions/<n>/`: `version.json` and
the files below `files/`, hard links to the uploads wherever nothing had to be unpacked.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle
from kaggle_local.state.archives import pack, stem_of_archive, unpack
from kaggle_local.state.files import (
    is_plain_name,
    read_json,
    remove_tree,
    unfinished,
    versions_of,
    write_json,
)
from kaggle_local.state.store import Store, now
from kaggle_local.state.uploads import Blobs


def handle_url(handle: Handle) -> str:
    """Give the address of a dataset's page, which the stand-in does not serve."""
    return f"http://localhost/datasets/{handle}"


@dataclass(frozen=True)
class Upload:
    """A tree of uploaded files.

    Attributes:
        tokens: The files at this level.
        folders: The folders at this level, by name.
    """

    tokens: tuple[str, ...]
    folders: dict[str, "Upload"] = field(default_factory=dict)


@dataclass(frozen=True)
class DatasetVersion:
    """One version of a dataset.

    Attributes:
        handle: The dataset.
        number: Counts from 1.
        folder: Holds `version.json` and `files/`.
    """

    handle: Handle
    number: int
    folder: Path

    @property
    def files(self) -> Path:
        """The folder of the version's files."""
        return self.folder / "files"

    @property
    def record(self) -> dict[str, Any]:
        """What `version.json` says: `created` (seconds) and `notes`."""
        return read_json(self.folder / "version.json")


class Datasets:
    """Every dataset of a state folder.

    Args:
        store: The state folder.
        blobs: The uploads.
        processing_seconds: How long a new version is not ready.
    """

    def __init__(self, store: Store, blobs: Blobs, processing_seconds: float) -> None:
        self._store = store
        self._blobs = blobs
        self._processing_seconds = processing_seconds

    def handles(self) -> list[Handle]:
        """List every dataset."""
        records = self._store.datasets.glob("*/*/dataset.json")
        return sorted(Handle(path.parts[-3], path.parts[-2]) for path in records)

    def exists(self, handle: Handle) -> bool:
        """Tell whether there is such a dataset."""
        return (self._folder(handle) / "dataset.json").exists()

    def record(self, handle: Handle) -> dict[str, Any]:
        """Read what is known of a dataset.

        Raises:
            ApiError: 404, there is none.
        """
        if not self.exists(handle):
            raise ApiError(404, f"there is no dataset '{handle}'")
        return read_json(self._folder(handle) / "dataset.json")

    def is_private(self, handle: Handle) -> bool:
        """Tell whether only the owner may see it.

        Raises:
            ApiError: 404, it does not exist.
        """
        return bool(self.record(handle)["is_private"])

    def write_record(self, handle: Handle, record: dict[str, Any]) -> None:
        """Replace what is known of a dataset; the first time this brings it into being."""
        write_json(self._folder(handle) / "dataset.json", record)

    def versions(self, handle: Handle) -> list[DatasetVersion]:
        """List the versions of a dataset, oldest first."""
        folder = self._folder(handle)
        numbers = versions_of(folder)
        return [DatasetVersion(handle, n, folder / "versions" / str(n)) for n in numbers]

    def version(self, handle: Handle, number: int | None = None) -> DatasetVersion:
        """Find one version, the newest where no number is given.

        Raises:
            ApiError: 404, it does not exist.
        """
        found = [v for v in self.versions(handle) if number in (None, v.number)]
        if not found:
            raise ApiError(404, f"there is no version {number} of the dataset '{handle}'")
        return found[-1]

    def is_ready(self, version: DatasetVersion) -> bool:
        """Tell whether a version can be mounted and downloaded yet."""
        age: float = now() - version.record["created"]
        return age >= self._processing_seconds

    def add_version(self, handle: Handle, upload: Upload, notes: str) -> DatasetVersion:
        """Store a new version; it appears whole or not at all.

        Raises:
            ApiError: An upload is unknown or incomplete, an archive is hostile or damaged, or two
                files have one name.
        """
        versions = self._folder(handle) / "versions"
        folder = unfinished(versions)
        try:
            (folder / "files").mkdir()
            self._place(upload, folder / "files")
            write_json(folder / "version.json", {"created": now(), "notes": notes})
            number = max([0, *versions_of(versions.parent)]) + 1
            folder.rename(versions / str(number))
        except BaseException:
            remove_tree(folder)
            raise
        return DatasetVersion(handle, number, versions / str(number))

    def archive(self, version: DatasetVersion) -> Path:
        """Give the zip of a version, made when it is first asked for."""
        target = version.folder / "archive.zip"
        with self._store.lock(target):
            if not target.exists():
                pack(version.files, target, version.record["created"])
        return target

    def discard(self, handle: Handle, versions: Iterable[DatasetVersion] | None = None) -> None:
        """Delete a dataset, or only some of its versions."""
        folders = [self._folder(handle)] if versions is None else [v.folder for v in versions]
        for folder in folders:
            self._store.discard(folder)

    def _folder(self, handle: Handle) -> Path:
        return self._store.of(self._store.datasets, handle)

    def _place(self, upload: Upload, folder: Path) -> None:
        for token in upload.tokens:
            name, data = self._blobs.file(token)
            if stem := stem_of_archive(name, data):
                unpack(name, data, folder / stem)
            elif (folder / name).exists():
                raise ApiError(400, f"the file '{name}' comes twice")
            else:
                os.link(data, folder / name)
        for name, inner in upload.folders.items():
            if not is_plain_name(name):
                raise ApiError(400, f"a folder must have a plain name, received '{name}'")
            (folder / name).mkdir(exist_ok=True)
            self._place(inner, folder / name)
