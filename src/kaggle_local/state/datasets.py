"""Datasets on disk: immutable numbered versions, each with `version.json` and `files/`.

The files are hard links to the uploads, except for those that come from an archive.
"""

import os
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle
from kaggle_local.state.archives import archive_stem, unpack
from kaggle_local.state.collection import Collection, Version
from kaggle_local.state.files import is_plain_name, read_json, write_json
from kaggle_local.state.store import Store, now
from kaggle_local.state.trees import is_short_path
from kaggle_local.state.uploads import Uploads


@dataclass(frozen=True)
class UploadTree:
    """The upload tokens of the files of one folder, and its folders by name."""

    tokens: tuple[str, ...]
    folders: dict[str, "UploadTree"] = field(default_factory=dict)


@dataclass(frozen=True)
class DatasetVersion(Version):
    """One version of a dataset."""

    @property
    def files(self) -> Path:
        """Folder of the version's files."""
        return self.folder / "files"

    @property
    def record(self) -> dict[str, Any]:
        """`created`, in seconds since the epoch, and `notes`."""
        return read_json(self.folder / "version.json")


class Datasets(Collection[DatasetVersion]):
    """All datasets of a state folder."""

    def __init__(
        self, store: Store, uploads: Uploads, processing_seconds: float, as_reported: bool = False
    ) -> None:
        super().__init__(store, "dataset", DatasetVersion)
        self._uploads = uploads
        self._processing_seconds = processing_seconds
        self.as_reported = as_reported
        self._made: dict[Path, float] = {}  # monotonic times, of versions of this server

    def is_ready(self, version: DatasetVersion) -> bool:
        """Tell whether a version can be mounted and downloaded."""
        # Not by `created`: the clock of the system may jump. What an earlier server made is ready.
        made = self._made.get(version.folder)
        return made is None or time.monotonic() - made >= self._processing_seconds

    def ready_versions(self, handle: Handle) -> list[DatasetVersion]:
        """List the versions that are ready, oldest first."""
        return [version for version in self.versions(handle) if self.is_ready(version)]

    def shown_versions(self, handle: Handle) -> list[DatasetVersion]:
        """List the versions that the API tells of, oldest first."""
        return self.ready_versions(handle) if self.as_reported else self.versions(handle)

    def mounted_files(self, version: DatasetVersion) -> Path:
        """Return the folder that a kernel finds which mounts a ready version.

        As reported, the first kernel finds the version before, or an empty folder.
        """
        mounted = version.folder / "mounted"
        if not self.as_reported or mounted.exists():
            return version.files
        mounted.touch()
        earlier = [v for v in self.versions(version.handle) if v.number < version.number]
        if earlier:
            return earlier[-1].files
        empty = version.folder / "empty"
        empty.mkdir(exist_ok=True)
        return empty

    def zipped_file(self, version: DatasetVersion, file: Path) -> Path:
        """Return the zip of one file of a version."""
        target = version.folder / "zipped" / f"{file.name}.zip"
        with self._store.lock(target):
            target.parent.mkdir(exist_ok=True)
            with zipfile.ZipFile(target, "w") as archive:
                archive.write(file, file.name)
        return target

    def add_version(self, handle: Handle, tree: UploadTree, notes: str) -> DatasetVersion:
        """Store a new version.

        Raises:
            ApiError: An upload is unknown or incomplete, an archive is hostile or damaged, or two
                files have the same name.
        """
        with self.new_version(handle) as (draft, version):
            draft.files.mkdir()
            self._place(tree, draft.files)
            write_json(draft.folder / "version.json", {"created": now(), "notes": notes})
            self._made[version.folder] = time.monotonic()
        return version

    def archive(self, version: DatasetVersion) -> Path:
        """Return the zip of a version, written when it is first needed."""
        return self.zip_once(version, version.files, version.record["created"])

    def _place(self, tree: UploadTree, root: Path, prefix: str = "") -> None:
        for token in tree.tokens:
            name, data = self._uploads.file(token)
            target = root / f"{prefix}{name}"
            if stem := archive_stem(name, data):
                unpack(name, data, target.with_name(stem))
            elif target.exists():
                raise ApiError(400, f"the dataset has two files named '{name}'")
            else:
                os.link(data, target)
        for name, inner in tree.folders.items():
            path = f"{prefix}{name}"
            if not is_plain_name(name) or not is_short_path(f"{path}/"):
                raise ApiError(400, f"a folder must have a plain, short name, received '{path}'")
            (root / path).mkdir(exist_ok=True)
            self._place(inner, root, f"{path}/")
