import json
import socket
from collections.abc import Callable

import pytest
from tests.support.stand_in import Kaggle

STATUS = "datasets.DatasetApiService/GetDatasetStatus"


def raw(kaggle: Kaggle, request: str) -> str:
    port = int(kaggle.endpoint.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode())
        return connection.makefile("rb").read().decode()


@pytest.mark.parametrize(
    "head",
    [
        "GET http://example.com/ HTTP/1.1\nHost: example.com\n\n",
        "GET http://example.com:80/healthz HTTP/1.1\nHost: localhost\n\n",
        "GET /healthz HTTP/1.1\nHost: evil.example\n\n",
        "CONNECT example.com:443 HTTP/1.1\nHost: example.com:443\n\n",
    ],
)
def test_it_is_not_a_proxy(kaggle: Kaggle, head: str) -> None:
    assert raw(kaggle, head).startswith("HTTP/1.1 403")


def test_it_refuses_connect_to_itself(kaggle: Kaggle) -> None:
    answer = raw(kaggle, "CONNECT localhost:22 HTTP/1.1\nHost: localhost:22\n\n")
    assert answer.startswith("HTTP/1.1 400")


def test_it_listens_on_loopback_only(kaggle: Kaggle) -> None:
    port = f"{int(kaggle.endpoint.url.rpartition(':')[2]):04X}"
    with open("/proc/net/tcp") as table:
        listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
    assert [address for address in listening if address.endswith(f":{port}")] == [
        f"0100007F:{port}"
    ]


def test_an_unknown_call_is_refused_by_name(kaggle: Kaggle) -> None:
    answer = kaggle.call("models.ModelApiService/CreateModel", {})
    assert answer.status == 400
    assert answer.json()["code"] == 400
    assert "does not implement models.ModelApiService/CreateModel" in answer.json()["message"]


def test_the_client_prints_the_refusal_unchanged(kaggle: Kaggle) -> None:
    output = kaggle.refused("competitions", "list")
    assert "does not implement competitions.CompetitionApiService/ListCompetitions" in output


@pytest.mark.parametrize("body", ["", "[]", "{", '{"ownerSlug": 7, "datasetSlug": []}'])
def test_a_malformed_body_is_refused(kaggle: Kaggle, body: str) -> None:
    headers = {"Authorization": f"Bearer {kaggle.token}"}
    answer = kaggle.http("POST", f"/api/v1/{STATUS}", body, headers)
    assert answer.status == 400, answer.body


@pytest.mark.parametrize("header", ["", "Bearer real-secret", "Basic YWxpY2U6cmVhbC1zZWNyZXQ="])
def test_foreign_credentials_are_refused_and_never_kept(kaggle: Kaggle, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    answer = kaggle.http("POST", f"/api/v1/{STATUS}", "{}", headers)
    assert answer.status == 401
    kept = [path for path in kaggle.root.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"real-secret" in path.read_bytes()]


def test_a_foreign_token_is_not_introspected(kaggle: Kaggle) -> None:
    answer = kaggle.call("security.OAuthService/IntrospectToken", {"token": "real-secret"})
    # After 400, 403 or 404 the client would try the user's other credentials.
    assert answer.status == 401


def test_unknown_fields_of_a_client_are_logged(kaggle: Kaggle) -> None:
    body = {"ownerSlug": "alice", "slug": "new-fields", "title": "New fields"}
    body |= {"files": [], "newField": 1, "directories": [{"name": "x", "isFancy": True}]}
    kaggle.call("datasets.DatasetApiService/CreateDataset", body)
    assert kaggle.requests()[-1]["unknown"] == ["newField", "directories.isFancy"]


def test_a_download_can_resume_at_any_byte(kaggle: Kaggle) -> None:
    kaggle.save_dataset("in-ranges", {"a.txt": "0123456789"})
    body = {"ownerSlug": "alice", "datasetSlug": "in-ranges", "fileName": "a.txt"}
    url = kaggle.call("datasets.DatasetApiService/DownloadDataset", body).headers["Location"]

    whole = kaggle.http("GET", url)
    same = {"If-Range": whole.headers["ETag"]}
    rest = kaggle.http("GET", url, headers={"Range": "bytes=4-"} | same)
    other = kaggle.http("GET", url, headers={"Range": "bytes=4-", "If-Range": '"another"'})

    assert whole.headers["Accept-Ranges"] == "bytes"
    assert (rest.status, rest.body) == (206, b"456789")
    assert (other.status, other.body) == (200, b"0123456789")


@pytest.mark.parametrize(
    "name", ["../version.json", "../../../../../kaggle-local.json", "/etc/passwd", ".", "no-such"]
)
def test_no_file_outside_a_dataset_is_served(kaggle: Kaggle, name: str) -> None:
    if not (kaggle.root / "datasets/alice/kept-in").exists():
        kaggle.save_dataset("kept-in", {"a.txt": "a"})
    body = {"ownerSlug": "alice", "datasetSlug": "kept-in", "fileName": name}
    assert kaggle.call("datasets.DatasetApiService/DownloadDataset", body).status == 404


def test_an_unsigned_url_is_refused(kaggle: Kaggle) -> None:
    answer = kaggle.http("GET", f"/files/{'0' * 32}/kaggle-local.json/as/kaggle-local.json")
    assert answer.status == 403


@pytest.mark.parametrize("owner", ["..", "a/../..", "a.b", "", "Alice"])
def test_an_invalid_owner_is_refused(kaggle: Kaggle, owner: str) -> None:
    answer = kaggle.call(STATUS, {"ownerSlug": owner, "datasetSlug": "x"})
    assert answer.status == 400
    assert "not a valid handle" in answer.json()["message"]


def test_urls_stay_valid_on_another_port(start: Callable[..., Kaggle]) -> None:
    kaggle = start()
    kaggle.save_dataset("moved-one", {"a.txt": "a"})
    body = {"ownerSlug": "alice", "datasetSlug": "moved-one", "fileName": "a.txt"}
    url = kaggle.call("datasets.DatasetApiService/DownloadDataset", body).headers["Location"]
    kaggle.kill()
    assert start().http("GET", url).body == b"a"


def test_a_damaged_state_file_is_named(kaggle: Kaggle) -> None:
    kaggle.save_dataset("hurt-one", {"a.txt": "a"})
    damaged = kaggle.root / "datasets/alice/hurt-one/dataset.json"
    damaged.write_text('{"id": 1, "ti')
    answer = kaggle.call(STATUS, {"ownerSlug": "alice", "datasetSlug": "hurt-one"})
    assert answer.status == 500
    assert str(damaged) in answer.json()["message"]
    damaged.write_text(json.dumps({"id": 1, "title": "Hurt one", "is_private": True}))
    assert kaggle.call(STATUS, {"ownerSlug": "alice", "datasetSlug": "hurt-one"}).status == 200
