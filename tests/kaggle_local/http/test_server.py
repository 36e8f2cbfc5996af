import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.stand_in import Kaggle, until

from kaggle_local import Endpoint

MIB = 1 << 20


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Kaggle]:
    """A stand-in whose disk holds four megabytes."""
    root = tmp_path / "state"
    root.mkdir()
    mount = f"mount -t tmpfs -o size=4m none {root}"
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-r", "-m"]
    if not shutil.which("unshare") or subprocess.run([*unshare, "sh", "-c", mount]).returncode:
        pytest.skip("this system does not let us mount a small disk")
    serve = f"exec {sys.executable} -m kaggle_local --root {root} --user alice"
    command = [*unshare, "sh", "-c", f"{mount} && {serve} --processing-seconds 0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        lines = []
        while not lines or not lines[-1].startswith("#"):
            lines.append(server.stdout.readline())
        url = re.search(r"http://127.0.0.1:\d+", lines[-1])
        assert url
        # Only the server sees the file system of the state folder.
        inside = Path(f"/proc/{server.pid}/root{root}")
        yield Kaggle(Endpoint(url[0], "alice", inside), tmp_path)
        server.terminate()


def test_a_full_disk_is_reported_and_damages_nothing(small: Kaggle) -> None:
    small.create("fits-in", {"a.bin": b"x" * MIB})

    done = small.run(
        "datasets", "create", "-p", str(small.dataset("too-big", {"b.bin": b"x" * 8 * MIB}))
    )
    assert "the disk of the stand-in is full" in done.stdout + done.stderr

    assert "a.bin" in small.ok("datasets", "files", "alice/fits-in")
    small.create("fits-too", {"c.bin": b"y" * MIB})
    small.ok("datasets", "download", "alice/fits-in", "-f", "a.bin", "-p", "down")
    assert (small.folder / "down/a.bin").read_bytes() == b"x" * MIB


def test_a_kernel_that_fills_the_disk_fails_but_the_server_survives(small: Kaggle) -> None:
    small.save("fill-up", "open('a.bin', 'wb').write(bytes(8 << 20))")
    until(lambda: "RUNNING" not in small.ok("kernels", "status", "alice/fill-up"))
    assert "KernelWorkerStatus.ERROR" in small.ok("kernels", "status", "alice/fill-up")
    small.ok("kernels", "delete", "-y", "alice/fill-up")
    until(lambda: not list((small.root / "trash").iterdir()))
    small.save("fit-in", "open('a.bin', 'wb').write(bytes(1 << 20))")
    assert small.wait_for_end("fit-in") == "COMPLETE"


@pytest.mark.slow
def test_fifty_clients_at_once_get_what_they_sent(start: Callable[..., Kaggle]) -> None:
    kaggle = start()

    def there_and_back(number: int) -> bool:
        data = hashlib.sha256(str(number).encode()).digest() * (MIB // 32) * 4
        announced = {"type": "DATASET", "name": "a.bin", "contentLength": len(data)}
        token = kaggle.call("blobs.BlobApiService/StartBlobUpload", announced).json()["token"]
        assert kaggle.http("PUT", f"/upload/{token}", data).status == 200
        handle = {"ownerSlug": "alice", "slug": f"data-{number}", "title": f"Data {number}"}
        files = {"files": [{"token": token}]}
        kaggle.call("datasets.DatasetApiService/CreateDataset", handle | files)
        asked = {"ownerSlug": "alice", "datasetSlug": f"data-{number}", "fileName": "a.bin"}
        answer = kaggle.call("datasets.DatasetApiService/DownloadDataset", asked)
        return kaggle.http("GET", answer.headers["Location"]).body == data

    with ThreadPoolExecutor(50) as pool:
        assert all(pool.map(there_and_back, range(50)))
