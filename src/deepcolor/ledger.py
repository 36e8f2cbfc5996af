"""What has been published, so that a chain goes on where it was stopped and repeats nothing."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One finished step.

    Attributes:
        fingerprint: Digest of all that the step depends on.
        kernel_version: Version of the kernel that ran; 0 for a dataset of ours.
        dataset_version: Version of the dataset that was published; 0 if none was.
        seconds: How long it took.
    """

    fingerprint: str
    kernel_version: int
    dataset_version: int
    seconds: float


class Ledger:
    """The finished steps by name, in a JSON file that is replaced at every change.

    Args:
        file: The file; it need not exist.
    """

    def __init__(self, file: Path):
        self.file = file
        stored = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        self.entries = {name: Entry(**entry) for name, entry in stored.items()}

    def record(self, name: str, entry: Entry) -> None:
        """Note that a step is finished."""
        self.entries[name] = entry
        stored = {key: asdict(value) for key, value in self.entries.items()}
        part = self.file.with_name(self.file.name + ".part")
        part.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
        part.replace(self.file)

    def finished(self, name: str, fingerprint: str) -> Entry | None:
        """Return the entry of a step that was finished with exactly these inputs, or None."""
        entry = self.entries.get(name)
        return entry if entry and entry.fingerprint == fingerprint else None
