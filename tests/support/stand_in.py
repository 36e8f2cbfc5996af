"""The real `kaggle` client, run against a stand-in with an empty home folder."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaggle_local import Endpoint

KAGGLE = Path(sys.executable).with_name("kaggle")
USER = "alice"


@dataclass
class Answer:
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Kaggle:
    """A running stand-in and ways to use it."""

    endpoint: Endpoint
    folder: Path

    @property
    def root(self) -> Path:
        return self.endpoint.root

    @property
    def pid(self) -> int:
        return int(json.loads((self.root / "server.json").read_text())["pid"])

    @property
    def token(self) -> str:
        return str(json.loads((self.root / "kaggle-local.json").read_text())["token"])

    def environment(self) -> dict[str, str]:
        (self.folder / "home").mkdir(exist_ok=True)
        return self.endpoint.environment(os.environ) | {"HOME": str(self.folder / "home")}

    def requests(self) -> list[dict[str, Any]]:
        log = self.root / "requests.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()]

    def run(self, *arguments: str, program: Path = KAGGLE) -> "subprocess.CompletedProcess[str]":
        """Run the real client; check that it reached the stand-in and sent no unknown field."""
        before = len(self.requests())
        done = subprocess.run(
            [program, *arguments],
            env=self.environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        requests = self.requests()[before:]
        assert requests, f"the stand-in received no request of {arguments}"
        assert not [entry for entry in requests if "unknown" in entry]
        return done

    def ok(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stderr

    def dataset(self, name: str, files: dict[str, str | bytes], **metadata: Any) -> Path:
        """Write a folder for `kaggle datasets create`."""
        folder = self.folder / name
        metadata_file = {"id": f"{USER}/{name}", "title": title_of(name)}
        metadata_file |= {"licenses": [{"name": "CC0-1.0"}]}
        write_files(folder, files)
        (folder / "dataset-metadata.json").write_text(json.dumps(metadata_file | metadata))
        return folder

    def create(self, name: str, files: dict[str, str | bytes], *options: str) -> None:
        folder = self.dataset(name, files)
        assert "is being created" in self.ok("datasets", "create", "-p", str(folder), *options)

    def save_dataset(self, name: str, files: dict[str, str]) -> None:
        """Create a dataset without the client, which is slow."""
        tokens = []
        for file, content in files.items():
            body = {"type": "DATASET", "name": file, "contentLength": len(content)}
            upload = self.call("blobs.BlobApiService/StartBlobUpload", body).json()
            assert self.http("PUT", upload["createUrl"], content).status == 200
            tokens.append({"token": upload["token"]})
        body = {"ownerSlug": USER, "slug": name, "title": title_of(name), "isPrivate": True}
        answer = self.call("datasets.DatasetApiService/CreateDataset", body | {"files": tokens})
        assert answer.json()["status"] == "ok", answer.body

    def kernel(self, name: str, source: str, **metadata: Any) -> Path:
        """Write a folder for `kaggle kernels push`."""
        folder = self.folder / name
        file = "main.ipynb" if metadata.get("kernel_type") == "notebook" else "main.py"
        metadata_file = {"id": f"{USER}/{name}", "title": title_of(name), "code_file": file}
        metadata_file |= {"language": "python", "kernel_type": "script", "enable_internet": False}
        write_files(folder, {file: source})
        (folder / "kernel-metadata.json").write_text(json.dumps(metadata_file | metadata))
        return folder

    def push(self, name: str, source: str, *options: str, **metadata: Any) -> str:
        folder = self.kernel(name, source, **metadata)
        output = self.ok("kernels", "push", "-p", str(folder), *options)
        assert "successfully pushed" in output, output
        return output

    def save(self, name: str, source: str, **fields: Any) -> None:
        """Push a kernel without the client, which is slow."""
        body = {"slug": f"{USER}/{name}", "newTitle": title_of(name), "text": source}
        body |= {"language": "python", "kernelType": "script", "enableInternet": False}
        answer = self.call("kernels.KernelsApiService/SaveKernel", body | fields)
        assert "versionNumber" in answer.json(), answer.body

    def version(self, name: str) -> Path:
        """Return the folder of a kernel's newest version."""
        versions = (self.root / "kernels" / USER / name / "versions").iterdir()
        return max(versions, key=lambda entry: int(entry.name))

    def wait_for_end(self, name: str) -> str:
        """Wait for the end of a kernel and return its state."""
        session = self.version(name) / "session.json"

        def state() -> str:
            return str(json.loads(session.read_text())["state"])

        until(lambda: state() not in ("QUEUED", "RUNNING"))
        return state()

    def log(self, name: str) -> list[dict[str, Any]]:
        log = self.version(name) / "log.jsonl"
        lines = log.read_text().splitlines() if log.exists() else []
        return [json.loads(line) for line in lines]

    def printed(self, name: str) -> str:
        return "".join(e["data"] for e in self.log(name) if e["stream_name"] == "stdout")

    def http(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send a plain HTTP request that no client sends."""
        port = int(self.endpoint.url.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        path = path.removeprefix("http://localhost")
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())

    def call(self, name: str, body: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return self.http("POST", f"/api/v1/{name}", json.dumps(body), headers)

    def kill(self) -> None:
        """Kill the server without warning."""
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: not is_alive(pid))


def title_of(name: str) -> str:
    return name.replace("-", " ").capitalize()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (
        FileNotFoundError,
        ProcessLookupError,
    ):  # it ended meanwhile
        return False
    return state != "Z"


def write_files(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"the condition did not hold within {seconds} s"
        time.sleep(0.02)
