"""Numbered versions on disk: what datasets and kernels have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle
from kaggle_local.state.archives import pack
from kaggle_local.state.files import atomic_path, read_json, write_json
from kaggle_local.state.store import Store


@dataclass(frozen=True)
class Version:
    """One version of a dataset or kernel."""

    handle: Handle
    number: int  # from 1
    folder: Path


V = TypeVar("V", bound=Version)


class Collection(Generic[V]):
    """All datasets or all kernels of a state folder; `kind` is `dataset` or `kernel`.

    Each is a folder `<kind>s/<owner>/<slug>/` with `<kind>.json`, its record, and `versions/<n>/`.
    What does not exist is an `ApiError` with the status 404.
    """

    def __init__(self, store: Store, kind: str, version_type: type[V]) -> None:
        self._store = store
        self._kind = kind
        self._version_type = version_type
        self._root = store.root / f"{kind}s"

    def handles(self) -> list[Handle]:
        """List all handles."""
        records = self._root.glob(f"*/*/{self._kind}.json")
        return sorted(Handle(path.parts[-3], path.parts[-2]) for path in records)

    def find_id(self, number: int) -> Handle:
        """Return the handle with a numeric id."""
        for handle in self.handles():
            if self.record(handle)["id"] == number:
                return handle
        raise ApiError(404, f"there is no {self._kind} with the id {number}")

    def exists(self, handle: Handle) -> bool:
        """Tell whether it exists."""
        return self._record_path(handle).exists()

    def record(self, handle: Handle) -> dict[str, Any]:
        """Read the record: `id`, `title`, `is_private`, `created` and more."""
        if not self.exists(handle):
            raise ApiError(404, f"there is no {self._kind} '{handle}'")
        return read_json(self._record_path(handle))

    def write_record(self, handle: Handle, record: dict[str, Any]) -> None:
        """Replace the record. The dataset or kernel exists from its first record on."""
        write_json(self._record_path(handle), record)

    def versions(self, handle: Handle) -> list[V]:
        """List the versions, oldest first."""
        folder = self._folder(handle) / "versions"
        if not folder.is_dir():
            return []
        numbers = sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal())
        return [self._version_type(handle, n, folder / str(n)) for n in numbers]

    def version(self, handle: Handle, number: int | None = None) -> V:
        """Return one version, the newest by default."""
        versions = [v for v in self.versions(handle) if number in (None, v.number)]
        if not versions:
            raise ApiError(404, f"there is no version {number} of the {self._kind} '{handle}'")
        return versions[-1]

    def zip_once(self, version: V, folder: Path, modified: float) -> Path:
        """Return the zip of a folder of a version, written when it is first needed."""
        target = version.folder / "archive.zip"
        with self._store.lock(target):
            if not target.exists():
                pack(folder, target, modified)
        return target

    def discard(self, handle: Handle) -> None:
        """Delete it with all its versions."""
        self._store.discard(self._folder(handle))

    @contextmanager
    def new_version(self, handle: Handle) -> Iterator[tuple[V, V]]:
        """Yield `(draft, version)`: the folder of `draft` becomes that of `version` at the end.

        The caller holds a lock, so that no other version gets the same number.
        """
        number = max((version.number for version in self.versions(handle)), default=0) + 1
        folder = self._folder(handle) / "versions" / str(number)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(folder) as draft:
            draft.mkdir()
            yield (
                self._version_type(handle, number, draft),
                self._version_type(handle, number, folder),
            )

    def _record_path(self, handle: Handle) -> Path:
        return self._folder(handle) / f"{self._kind}.json"

    def _folder(self, handle: Handle) -> Path:
        return self._root / handle.owner / handle.slug
