import hashlib
import os
import socket
import subprocess
from collections.abc import Callable

import pytest
from tests.support.stand_in import KAGGLE, Answer, Kaggle, until

DATA = bytes(range(256)) * 400


def begin(kaggle: Kaggle, size: int = len(DATA), name: str = "a.bin") -> str:
    body = {"type": "DATASET", "name": name, "contentLength": size}
    return str(kaggle.call("blobs.BlobApiService/StartBlobUpload", body).json()["token"])


def put(kaggle: Kaggle, token: str, data: bytes, content_range: str = "") -> Answer:
    headers = {"Content-Range": content_range} if content_range else {}
    return kaggle.http("PUT", f"/upload/{token}", data, headers)


def cut_off(kaggle: Kaggle, token: str, sent: int) -> None:
    """Announce the whole file, send a part of it and disconnect."""
    port = int(kaggle.endpoint.url.rpartition(":")[2])
    head = f"PUT /upload/{token} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(DATA)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode() + DATA[:sent])
    part = kaggle.root / "blobs" / token / "part"
    until(lambda: part.exists() and part.stat().st_size == sent)


def stored(kaggle: Kaggle, token: str) -> bytes:
    return (kaggle.root / "blobs" / token / "data").read_bytes()


def test_an_interrupted_upload_resumes(kaggle: Kaggle) -> None:
    token = begin(kaggle)
    cut_off(kaggle, token, 1000)

    asked = put(kaggle, token, b"", f"bytes */{len(DATA)}")
    assert (asked.status, asked.headers["Range"]) == (308, "bytes=0-999")
    done = put(kaggle, token, DATA[1000:], f"bytes 1000-{len(DATA) - 1}/{len(DATA)}")

    assert done.status == 200
    assert stored(kaggle, token) == DATA


def test_an_upload_without_bytes_has_no_range(kaggle: Kaggle) -> None:
    asked = put(kaggle, begin(kaggle), b"", f"bytes */{len(DATA)}")
    assert asked.status == 308
    assert "Range" not in asked.headers


def test_an_interrupted_upload_can_restart(kaggle: Kaggle) -> None:
    token = begin(kaggle)
    cut_off(kaggle, token, 1000)
    assert put(kaggle, token, DATA).status == 200
    assert stored(kaggle, token) == DATA


def test_an_upload_with_a_gap_is_refused(kaggle: Kaggle) -> None:
    token = begin(kaggle)
    cut_off(kaggle, token, 1000)
    answer = put(kaggle, token, DATA[2000:], f"bytes 2000-{len(DATA) - 1}/{len(DATA)}")
    assert (answer.status, answer.headers["Range"]) == (308, "bytes=0-999")


def test_a_complete_upload_is_remembered(kaggle: Kaggle) -> None:
    token = begin(kaggle)
    put(kaggle, token, DATA)
    assert put(kaggle, token, b"", f"bytes */{len(DATA)}").status == 200


def test_more_bytes_than_announced_are_refused(kaggle: Kaggle) -> None:
    answer = put(kaggle, begin(kaggle, size=10), DATA)
    assert answer.status == 400
    assert "longer than the 10 bytes announced" in answer.json()["message"]


@pytest.mark.parametrize("token", ["0" * 32, "..%2f..%2fkaggle-local.json", "x"])
def test_an_unknown_token_is_refused(kaggle: Kaggle, token: str) -> None:
    assert put(kaggle, token, DATA).status in (400, 404)


@pytest.mark.parametrize("name", ["../a", "a/b", "", ".."])
def test_an_upload_name_with_a_path_is_refused(kaggle: Kaggle, name: str) -> None:
    body = {"type": "DATASET", "name": name, "contentLength": 1}
    assert kaggle.call("blobs.BlobApiService/StartBlobUpload", body).status == 400


def test_a_partial_upload_does_not_become_a_dataset(kaggle: Kaggle) -> None:
    token = begin(kaggle)
    cut_off(kaggle, token, 1000)
    body = {"ownerSlug": "alice", "slug": "half-one", "title": "Half one"}
    answer = kaggle.call(
        "datasets.DatasetApiService/CreateDataset", body | {"files": [{"token": token}]}
    )
    assert answer.status == 400
    assert "not complete" in answer.json()["message"]
    assert not list((kaggle.root / "datasets").glob("alice/half-one/versions/*"))


def test_an_upload_survives_a_killed_server(start: Callable[..., Kaggle]) -> None:
    kaggle = start()
    token = begin(kaggle)
    cut_off(kaggle, token, 1000)
    kaggle.kill()

    kaggle = start()

    assert put(kaggle, token, b"", f"bytes */{len(DATA)}").headers["Range"] == "bytes=0-999"
    assert put(kaggle, token, DATA[1000:], f"bytes 1000-{len(DATA) - 1}/{len(DATA)}").status == 200
    assert stored(kaggle, token) == DATA


@pytest.mark.slow
def test_the_client_resumes_after_the_server_was_killed(start: Callable[..., Kaggle]) -> None:
    kaggle = start()
    data = os.urandom(1 << 20) * 256
    folder = kaggle.dataset("big-one", {"big.bin": data})
    command = [KAGGLE, "datasets", "create", "-p", str(folder), "-q"]
    with subprocess.Popen(command, env=kaggle.environment(), cwd=kaggle.folder) as client:
        until(lambda: any(p.stat().st_size > 1 << 24 for p in kaggle.root.glob("blobs/*/part")))
        kaggle.kill()
        client.kill()
    before = {path.parent.name for path in kaggle.root.glob("blobs/*/part")}

    kaggle = start()
    kaggle.ok("datasets", "create", "-p", str(folder))

    assert {path.parent.name for path in kaggle.root.glob("blobs/*/data")} == before
    stored = kaggle.root / "datasets/alice/big-one/versions/1/files/big.bin"
    with stored.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").digest() == hashlib.sha256(data).digest()
