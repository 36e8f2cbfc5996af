"""The real `kaggle` client and a live stand-in, in a scratch home."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaggle_local import Endpoint

KAGGLE = Path(sys.executable).with_name("kaggle")
USER = "alice"


@dataclass
class Kaggle:
    """A live stand-in, and hands to use it with."""

    endpoint: Endpoint
    folder: Path

    @property
    def root(self) -> Path:
        return self.endpoint.root

    def environment(self) -> dict[str, str]:
        return self.endpoint.environment(os.environ) | {"HOME": str(self.folder / "home")}

    def requests(self) -> list[dict[str, Any]]:
        log = self.root / "requests.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()]

    def run(
        self, *arguments: str, program: str = str(KAGGLE)
    ) -> "subprocess.CompletedProcess[str]":
        """Run the real client, and see to it that it spoke to the stand-in and to nothing else."""
        before = len(self.requests())
        done = subprocess.run(
            [program, *arguments],
            env=self.environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        seen = self.requests()[before:]
        assert seen, f"the stand-in saw no request of {arguments}"
        assert not [entry for entry in seen if "unknown" in entry]
        return done

    def ok(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def dataset(self, name: str, files: dict[str, str | bytes], **metadata: Any) -> Path:
        """Write a folder ready for `kaggle datasets create`."""
        folder = self.folder / name
        title = name.replace("-", " ").capitalize()
        described = {"id": f"{USER}/{name}", "title": title, "licenses": [{"name": "CC0-1.0"}]}
        write_files(folder, files)
        (folder / "dataset-metadata.json").write_text(json.dumps(described | metadata))
        return folder

    def create(self, name: str, files: dict[str, str | bytes], *options: str) -> None:
        folder = self.dataset(name, files)
        assert "is being created" in self.ok("datasets", "create", "-p", str(folder), *options)
        self.wait_ready(name)

    def wait_ready(self, name: str) -> None:
        until(lambda: self.ok("datasets", "status", f"{USER}/{name}").strip() == "ready")

    def kernel(self, name: str, source: str, **metadata: Any) -> Path:
        """Write a folder ready for `kaggle kernels push`."""
        folder = self.folder / name
        file = "main.ipynb" if metadata.get("kernel_type") == "notebook" else "main.py"
        described = {
            "id": f"{USER}/{name}",
            "title": name.replace("-", " ").capitalize(),
            "code_file": file,
            "language": "python",
            "kernel_type": "script",
            "enable_internet": False,
        }
        write_files(folder, {file: source})
        (folder / "kernel-metadata.json").write_text(json.dumps(described | metadata))
        return folder

    def push(self, name: str, source: str, *options: str, **metadata: Any) -> str:
        folder = self.kernel(name, source, **metadata)
        said = self.ok("kernels", "push", "-p", str(folder), *options)
        assert "successfully pushed" in said, said
        return said

    def finished(self, name: str) -> str:
        """Wait for the end of a kernel and give its state."""
        folder = self.root / "kernels" / USER / name / "versions"
        newest = max(folder.iterdir(), key=lambda entry: int(entry.name))

        def over() -> bool:
            return self._state(newest) not in ("QUEUED", "RUNNING")

        until(over)
        return self._state(newest)

    def _state(self, version: Path) -> str:
        return str(json.loads((version / "session.json").read_text())["state"])

    def log(self, name: str) -> list[dict[str, Any]]:
        printed = self.ok("kernels", "logs", f"{USER}/{name}")
        entries: list[dict[str, Any]] = json.loads(printed)
        return entries

    def printed(self, name: str) -> str:
        return "".join(e["data"] for e in self.log(name) if e["stream_name"] == "stdout")


def write_files(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def until(condition: Any, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not come true in {seconds} s"
        time.sleep(0.05)
