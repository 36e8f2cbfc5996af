"""Kernels on disk: numbered versions, each with its source, session, log and output."""

from dataclasses import asdict

from kaggle_local.handles import Handle
from kaggle_local.state.collection import Collection
from kaggle_local.state.files import write_json
from kaggle_local.state.kernel_version import KernelVersion, Push, Session, SessionState
from kaggle_local.state.store import Store, now


class Kernels(Collection[KernelVersion]):
    """All kernels of a state folder."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, "kernel", KernelVersion)

    def last_complete(self, handle: Handle) -> KernelVersion | None:
        """Return the newest version whose run was successful: downstream kernels mount it."""
        for version in reversed(self.versions(handle)):
            if version.session.state is SessionState.COMPLETE:
                return version
        return None

    def all_versions(self) -> list[KernelVersion]:
        """List all versions of all kernels."""
        return [version for handle in self.handles() for version in self.versions(handle)]

    def add_version(
        self, handle: Handle, push: Push, text: str, state: SessionState
    ) -> KernelVersion:
        """Store a new version; `text` is the source of the script or notebook."""
        with self.new_version(handle) as (draft, version):
            write_json(draft.folder / "push.json", asdict(push))
            draft.write_session(Session(state, queued=now()))
            draft.output.mkdir()
            draft.source.parent.mkdir()
            draft.source.write_text(text, encoding="utf-8")
            draft.source.chmod(0o444)
        return version
