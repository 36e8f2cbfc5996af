"""Throughput of the stand-in with 50 clients, against the same server library with plain files.

    python -m benchmarks.stand_in_throughput --output build/benchmarks/stand_in_throughput.json

Both servers run in processes of their own and are measured in turns. Each client uploads its own
file and downloads it again; the digests are compared.
"""

import hashlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

import kaggle_local
from benchmarks import harness
from kaggle_local import Limits

CLIENTS = 50
PLAIN = """
import sys
from pathlib import Path
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_request(self, *args): pass

@Request.application
def app(request):
    file = Path(sys.argv[1], request.path.strip("/"))
    if request.method == "GET":
        return send_file(file, request.environ)
    with file.open("wb") as stored:
        while piece := request.stream.read(1 << 20):
            stored.write(piece)
    return Response()

server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
print(server.port, flush=True)
server.serve_forever()
"""

# From the client's number and its file to the file that comes back.
RoundTrip = Callable[[int, bytes], bytes]


def request(
    port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    """Send one request on a new connection; return the response and its body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(method, path.removeprefix("http://localhost"), body, headers or {})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    assert response.status < 400, content
    return response, content


def plain_round_trip(port: int) -> RoundTrip:
    """Return a round trip through plain files."""

    def round_trip(number: int, data: bytes) -> bytes:
        request(port, "PUT", f"/{number}.bin", data)
        return request(port, "GET", f"/{number}.bin")[1]

    return round_trip


def dataset_round_trip(port: int, token: str, turn: int) -> RoundTrip:
    """Return a round trip through a dataset."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(method: str, **body: object) -> tuple[http.client.HTTPResponse, dict[str, str]]:
        sent = json.dumps(body).encode()
        response, content = request(port, "POST", f"/api/v1/{method}", sent, headers)
        return response, json.loads(content or b"{}")

    def round_trip(number: int, data: bytes) -> bytes:
        slug = f"data-{turn}-{number}"
        announcement = {"type": "DATASET", "name": "a.bin", "contentLength": len(data)}
        _, upload = call("blobs.BlobApiService/StartBlobUpload", **announcement)
        request(port, "PUT", upload["createUrl"], data)
        dataset = {"ownerSlug": "local-kaggler", "slug": slug, "title": f"Data {turn} {number}"}
        service = "datasets.DatasetApiService"
        call(f"{service}/CreateDataset", **dataset, files=[{"token": upload["token"]}])
        file = {"ownerSlug": "local-kaggler", "datasetSlug": slug, "fileName": "a.bin"}
        redirect, _ = call(f"{service}/DownloadDataset", **file)
        return request(port, "GET", redirect.headers["Location"])[1]

    return round_trip


def measure_rate(round_trip: RoundTrip, size: int) -> float:
    """Run all clients at once; return MB/s, both directions together."""
    bodies = [os.urandom(size) for _ in range(CLIENTS)]
    digests = [hashlib.sha256(body).digest() for body in bodies]
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        downloaded = list(pool.map(round_trip, range(CLIENTS), bodies))
    seconds = time.perf_counter() - started
    assert [hashlib.sha256(body).digest() for body in downloaded] == digests
    return 2 * CLIENTS * size / seconds / 1e6


def main(
    megabytes: Annotated[int, typer.Option(help="Size of each client's file.")] = 4,
    turns: harness.TurnsOption = 5,
    output: harness.OutputOption = None,
) -> None:
    """Measure both servers in turns, and print the median ratio of their throughputs."""
    rates: dict[str, list[float]] = {"plain files": [], "stand-in": []}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", PLAIN, folder]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        plain = plain_round_trip(int(server.stdout.readline()))
        state = Path(folder) / "state"
        endpoint = kaggle_local.connect(state, limits=Limits(processing_seconds=0.0))
        token = endpoint.environment()["KAGGLE_API_TOKEN"]
        port = int(endpoint.url.rpartition(":")[2])
        for turn in range(turns):
            stand_in = dataset_round_trip(port, token, turn)
            rates["plain files"].append(measure_rate(plain, megabytes << 20))
            rates["stand-in"].append(measure_rate(stand_in, megabytes << 20))
        kaggle_local.stop(state)
        server.terminate()
        server.wait()
    ratio = statistics.median(ours / theirs for theirs, ours in zip(*rates.values(), strict=True))
    for name, values in rates.items():
        print(f"{name}: {statistics.median(values):.0f} MB/s with {CLIENTS} clients")
    print(f"ratio: {ratio:.2f}")
    harness.write_json(output, {"rates": rates, "ratio": ratio})


if __name__ == "__main__":
    typer.run(main)
