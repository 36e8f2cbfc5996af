"""Attacks on the stand-in for Kaggle: what a kernel or a program on this machine may try."""

import io
import json
import os
import re
import socket
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.stand_in import Kaggle, until

START = "blobs.BlobApiService/StartBlobUpload"
CREATE = "datasets.DatasetApiService/CreateDataset"
STATUS = "datasets.DatasetApiService/GetDatasetStatus"
FILES = "datasets.DatasetApiService/ListDatasetFiles"
SAVE = "kernels.KernelsApiService/SaveKernel"
INTROSPECT = "security.OAuthService/IntrospectToken"
MAKE_DEEP = """
import os
for _ in range(1500):
    os.mkdir("deeper")
    os.chdir("deeper")
open("last.txt", "w").close()
"""
LOOK_FOR_SECRETS = """
import glob, os
found = []
for place in [*glob.glob("/proc/*/environ"), SECRET_FILE, os.path.expanduser("~/.kaggle")]:
    try:
        found.append(open(place, "rb").read().decode(errors="replace"))
    except OSError:
        pass
print([text for text in found if "s3cret" in text])
"""


def port(kaggle: Kaggle) -> int:
    return int(kaggle.endpoint.url.rpartition(":")[2])


def answers(kaggle: Kaggle) -> bool:
    return kaggle.http("GET", "/healthz").status == 200


@pytest.mark.attack
def test_a_deep_tree_of_a_kernel_ends_its_run_and_neither_deletion_nor_restart(
    start: Callable[..., Kaggle],
) -> None:
    kaggle = start()
    kaggle.save("dig-deep", MAKE_DEEP)
    assert kaggle.wait_for_end("dig-deep") == "ERROR"
    session = json.loads((kaggle.version("dig-deep") / "session.json").read_text())
    assert "/kaggle/working held a path of more than" in session["failure"]

    kaggle.save("dig-again", MAKE_DEEP + "import time; time.sleep(60)")
    working = kaggle.version("dig-again") / "output"
    until(lambda: any(working.iterdir()))
    time.sleep(1)
    kaggle.kill()  # the restarted server finds the whole tree
    kaggle = start()
    assert kaggle.wait_for_end("dig-again") == "ERROR"
    for name in ("dig-deep", "dig-again"):
        handle = {"userName": "alice", "kernelSlug": name}
        assert kaggle.call("kernels.KernelsApiService/DeleteKernel", handle).status == 200
    until(lambda: not any((kaggle.root / "trash").iterdir()))
    assert answers(kaggle)


def test_a_deep_archive_is_refused_and_leaves_nothing(start: Callable[..., Kaggle]) -> None:
    kaggle = start()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("d/" * 1500 + "a.txt", "a")
    announced = {"type": "DATASET", "name": "deep.zip", "contentLength": len(packed.getvalue())}
    upload = kaggle.call(START, announced).json()
    assert kaggle.http("PUT", upload["createUrl"], packed.getvalue()).status == 200
    body = {"ownerSlug": "alice", "slug": "deep-one", "title": "Deep one"}
    answer = kaggle.call(CREATE, body | {"files": [{"token": upload["token"]}]})
    assert answer.status == 400 and "deep.zip" in answer.json()["message"]
    assert not list((kaggle.root / "datasets" / "alice" / "deep-one" / "versions").iterdir())


@pytest.mark.parametrize("internet", [True, False])
def test_a_kernel_finds_no_secret_of_the_server(
    start: Callable[..., Kaggle], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, internet: bool
) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "kaggle.json").write_text('{"username": "me", "key": "s3cret"}')
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(config))
    monkeypatch.setenv("SERVICE_TOKEN", "s3cret")
    kaggle = start()
    source = LOOK_FOR_SECRETS.replace("SECRET_FILE", repr(str(config / "kaggle.json")))
    kaggle.save("look-for-secrets", source, enableInternet=internet)
    assert kaggle.wait_for_end("look-for-secrets") == "COMPLETE", kaggle.log("look-for-secrets")
    if "without mount namespaces" in str(kaggle.log("look-for-secrets")):
        pytest.skip("this system has no mount namespaces")
    assert kaggle.printed("look-for-secrets") == "[]\n"


def test_only_this_user_can_read_the_token(start: Callable[..., Kaggle], tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    kaggle = start()
    marker = kaggle.root / "kaggle-local.json"
    assert marker.stat().st_mode & 0o777 == 0o600
    readable = [path for path in kaggle.root.rglob("*") if path.is_file() and path != marker]
    assert not [path for path in readable if kaggle.token in path.read_text(errors="replace")]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (INTROSPECT, '{"token": null}'),
        (INTROSPECT, '{"token": "\\ud800"}'),
        (INTROSPECT, '{"token": "' + "é" * 9 + '"}'),
        (START, '{"type": "DATASET", "name": "\\udc00.txt", "contentLength": 1}'),
        (START, '{"type": "DATASET", "name": "a.txt", "contentLength": -1}'),
        (SAVE, '{"slug": "alice/odd", "newTitle": "\\ud800 odd", "text": "\\ud800"}'),
        (CREATE, "[" * 100_000),
        (CREATE, '{"directories": [' * 400 + "]}" * 400),
        (CREATE, '{"title": {"a": ' + '{"a": ' * 5000 + "1" + "}" * 5001 + "}"),
        (STATUS, '{"ownerSlug": "alice\\u0000", "datasetSlug": "x"}'),
    ],
)
def test_an_odd_body_is_no_failure_of_the_server(kaggle: Kaggle, name: str, body: str) -> None:
    headers = {"Authorization": f"Bearer {kaggle.token}"}
    answer = kaggle.http("POST", f"/api/v1/{name}", body.encode(), headers)
    assert answer.status < 500, answer.body
    assert answers(kaggle)


def test_a_token_is_introspected_without_a_login(kaggle: Kaggle) -> None:
    body = json.dumps({"token": kaggle.token})
    answer = kaggle.http("POST", f"/api/v1/{INTROSPECT}", body)
    assert answer.status == 200 and answer.json()["username"] == "alice"


def test_only_a_public_kernel_is_read_without_a_token(kaggle: Kaggle) -> None:
    for name, private in (("open-kernel", False), ("closed-kernel", True)):
        kaggle.save(name, "open('a.txt', 'w').write('a')", isPrivate=private)
        assert kaggle.wait_for_end(name) == "COMPLETE"
        get = json.dumps({"userName": "alice", "kernelSlug": name})
        download = json.dumps({"ownerSlug": "alice", "kernelSlug": name})
        calls = [("GetKernel", get), ("DownloadKernelOutput", download)]
        for call, body in calls:
            path = f"/api/v1/kernels.KernelsApiService/{call}"
            status = kaggle.http("POST", path, body).status
            assert (status == 403) == private and status < 404, (call, status)


@pytest.mark.parametrize("signature", ["%C3%A9" * 16, "%FF" * 16, "0" * 31 + "%00"])
def test_an_odd_signature_is_refused(kaggle: Kaggle, signature: str) -> None:
    assert kaggle.http("GET", f"/files/{signature}/a/as/a").status == 403


def test_a_name_with_a_line_break_is_downloaded(kaggle: Kaggle) -> None:
    kaggle.save_dataset("odd-names", {"a\nb.txt": "whole"})
    body = {"ownerSlug": "alice", "datasetSlug": "odd-names", "fileName": "a\nb.txt"}
    answer = kaggle.call("datasets.DatasetApiService/DownloadDataset", body)
    assert kaggle.http("GET", answer.headers["Location"]).body == b"whole"


@pytest.mark.parametrize("call", [FILES, INTROSPECT, STATUS])
def test_a_body_without_an_end_is_not_read_before_the_token(kaggle: Kaggle, call: str) -> None:
    head = f"POST /api/v1/{call} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", port(kaggle)), timeout=20)) as connection:
        connection.sendall(head.encode() + b"5\r\nfirst\r\n")  # and no end
        assert re.match(rb"HTTP/1.1 4(01|11) ", connection.recv(1000))


def test_a_large_body_without_a_token_is_refused_unread(kaggle: Kaggle) -> None:
    answer = kaggle.http("POST", f"/api/v1/{INTROSPECT}", b"x" * (1 << 20))
    assert answer.status == 413


@pytest.mark.attack
def test_silent_connections_deny_nobody(start: Callable[..., Kaggle]) -> None:
    kaggle = start()
    silent = [socket.create_connection(("127.0.0.1", port(kaggle))) for _ in range(300)]
    try:
        time.sleep(2)
        threads = len(os.listdir(f"/proc/{kaggle.pid}/task"))
        assert threads < 280, threads
        until(lambda: answered(kaggle), 30)
        started = time.monotonic()
        assert answers(kaggle) and time.monotonic() - started < 5
    finally:
        for connection in silent:
            connection.close()


def answered(kaggle: Kaggle) -> bool:
    try:
        return answers(kaggle)
    except OSError:  # closed at once: all places are taken
        return False
