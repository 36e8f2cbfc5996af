"""Kernels on disk: numbered versions, each with its source, its session, its log and its output.

A kernel is `kernels/<owner>/<slug>/` with `kernel.json` and `versions/<n>/`: `push.json` (what was
pushed, never changed), `src/`, `session.json` (how the run stands), `log.jsonl` and `output/`.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle
from kaggle_local.state.files import read_json, remove_tree, unfinished, versions_of, write_json
from kaggle_local.state.kernel_version import KernelVersion, Push, Session, State, write_session
from kaggle_local.state.store import Store, now


class Kernels:
    """Every kernel of a state folder.

    Args:
        store: The state folder.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def handles(self) -> list[Handle]:
        """List every kernel."""
        records = self._store.kernels.glob("*/*/kernel.json")
        return sorted(Handle(path.parts[-3], path.parts[-2]) for path in records)

    def exists(self, handle: Handle) -> bool:
        """Tell whether there is such a kernel."""
        return (self._folder(handle) / "kernel.json").exists()

    def record(self, handle: Handle) -> dict[str, Any]:
        """Read what is known of a kernel: `id`, `title`, `is_private`, `created`.

        Raises:
            ApiError: 404, there is none.
        """
        if not self.exists(handle):
            raise ApiError(404, f"there is no kernel '{handle}'")
        return read_json(self._folder(handle) / "kernel.json")

    def is_private(self, handle: Handle) -> bool:
        """Tell whether only the owner may see it.

        Raises:
            ApiError: 404, it does not exist.
        """
        return bool(self.record(handle)["is_private"])

    def write_record(self, handle: Handle, record: dict[str, Any]) -> None:
        """Replace what is known of a kernel; the first time this brings it into being."""
        write_json(self._folder(handle) / "kernel.json", record)

    def versions(self, handle: Handle) -> list[KernelVersion]:
        """List the versions of a kernel, oldest first."""
        folder = self._folder(handle)
        numbers = versions_of(folder)
        return [KernelVersion(handle, n, folder / "versions" / str(n)) for n in numbers]

    def version(self, handle: Handle, number: int | None = None) -> KernelVersion:
        """Find one version, the newest where no number is given.

        Raises:
            ApiError: 404, it does not exist.
        """
        found = [v for v in self.versions(handle) if number in (None, v.number)]
        if not found:
            raise ApiError(404, f"there is no version {number} of the kernel '{handle}'")
        return found[-1]

    def last_complete(self, handle: Handle) -> KernelVersion | None:
        """Find the newest version whose run ended well: what downstream kernels mount."""
        whole = [v for v in self.versions(handle) if v.session.state is State.COMPLETE]
        return whole[-1] if whole else None

    def all_versions(self) -> list[KernelVersion]:
        """List every version of every kernel."""
        return [version for handle in self.handles() for version in self.versions(handle)]

    def add_version(self, handle: Handle, push: Push, text: str, state: State) -> KernelVersion:
        """Store what was pushed; it appears whole or not at all."""
        versions = self._folder(handle) / "versions"
        folder = unfinished(versions)
        try:
            for name in ("src", "output"):
                (folder / name).mkdir()
            write_json(folder / "push.json", asdict(push))
            write_session(folder, Session(state, queued=now()))
            number = max([0, *versions_of(versions.parent)]) + 1
            version = KernelVersion(handle, number, folder)
            version.source.write_text(text, encoding="utf-8")
            version.source.chmod(0o444)
            folder.rename(versions / str(number))
        except BaseException:
            remove_tree(folder)
            raise
        return replace(version, folder=versions / str(number))

    def discard(self, handle: Handle) -> None:
        """Delete a kernel with all its versions."""
        self._store.discard(self._folder(handle))

    def _folder(self, handle: Handle) -> Path:
        return self._store.of(self._store.kernels, handle)
