"""Throughput, latency and memory of the web service under load, on loopback only.

Each client has its own address (127.0.1.1, 127.0.1.2, ...) and sends its next photo as soon as the
response to the last one arrives. After a 429 or 503 it waits for Retry-After, at most two seconds,
to keep the load high. All other statuses than 200, 429 and 503 count as failures. Linux only.

Example:
    python -m benchmarks.web_load --clients 32 --seconds 120 --output build/benchmarks/web-load.json

Each client has its own address (127.0.1.1, 127.0.1.2, ...) and sends a gray photo as soon as the
response to the last one has come. After a 429 or 503 it waits as `Retry-After` says, but at most
two seconds, to keep up the load. Statuses other than 200, 429 and 503 are failures. Linux only.
"""

import http.client
import io
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import numpy as np
import typer
from PIL import Image

from benchmarks.harness import OutputOption, write_json

LONGEST_WAIT = 2.0  # seconds
PERCENTILES = (50, 90, 95, 99, 100)


def draw_photo(side: int) -> bytes:
    """Return a JPEG of a smooth gray picture, 3:2."""
    rows, columns = np.mgrid[0 : side * 2 // 3, 0:side] / side
    gray = 128 + 60 * np.sin(9 * rows) * np.cos(7 * columns)
    gray += np.random.default_rng(0).normal(0, 6, gray.shape)
    file = io.BytesIO()
    Image.fromarray(gray.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


class Client(threading.Thread):
    """A client that posts a photo again and again until a time.

    Args:
        number: Number of the client, from 1; the last byte of its address.
        service: Host and port.
        path: Path of the requests.
        data: The photo.
        end: Monotonic time at which to stop.
    """

    def __init__(self, number: int, service: tuple[str, int], path: str, photo: bytes, end: float):
        super().__init__(daemon=True)
        self.responses: list[tuple[int | str, float]] = []
        self._source = (f"127.0.1.{number}", 0)
        self._service, self._path, self._photo, self._end = service, path, photo, end

    def run(self) -> None:
        """Send photos, and record status and seconds of each request."""
        connection = http.client.HTTPConnection(
            *self._service, timeout=120, source_address=self._source
        )
        while time.monotonic() < self._end:
            started = time.perf_counter()
            try:
                connection.request("POST", self._path, self._data, {"Content-Type": "image/jpeg"})
                response = connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException) as error:
                self.responses.append((type(error).__name__, time.perf_counter() - started))
                connection.close()
                continue
            self.responses.append((response.status, time.perf_counter() - started))
            if response.status in (429, 503):
                time.sleep(min(LONGEST_WAIT, float(response.headers.get("Retry-After", 1))))
        connection.close()


def resident_memory(pid: int) -> int:
    """Return the resident memory of a process, bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def measure(clients: list[Client], pid: int, seconds: float) -> dict[str, Any]:
    """Run clients against a server process, and summarize their requests."""
    before, peak = resident_memory(pid), 0
    for client in clients:
        client.start()
    while any(client.is_alive() for client in clients):
        peak = max(peak, resident_memory(pid))
        time.sleep(0.2)
    responses = [response for client in clients for response in client.responses]
    served = [duration for status, duration in responses if status == 200]
    statuses = Counter(str(status) for status, _ in responses)
    return {
        "clients": len(clients),
        "seconds": seconds,
        "answers": dict(statuses),
        "failures": sum(n for status, n in statuses.items() if status not in ("200", "429", "503")),
        "photos_per_second": round(len(served) / seconds, 2),
        "latency_s": {
            f"p{p}": round(float(np.percentile(served, p)), 3) for p in PERCENTILES if served
        },
        "least_photos_of_a_client": min(
            sum(status == 200 for status, _ in client.responses) for client in clients
        ),
        "memory_mb": {
            "before": before // 10**6,
            "peak": peak // 10**6,
            "after": resident_memory(pid) // 10**6,
        },
    }


def table_row(result: dict[str, Any]) -> str:
    """Return a row of the table in docs/web.md."""
    answers, latency, memory = (result[name] for name in ("answers", "latency_s", "memory_mb"))
    refused = sum(answers.get(status, 0) for status in ("429", "503"))
    cells = [
        result["clients"],
        f"{result['seconds']:g} s",
        f"{answers.get('200', 0):,}",
        refused,
        result["failures"],
        result["photos_per_second"],
        *(f"{latency.get(percentile, float('nan')):.1f} s" for percentile in ("p50", "p95", "p99")),
        f"{memory['before']} MB at start, {memory['peak']} MB at most",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def main(
    clients: Annotated[int, typer.Option(help="Number of clients.")] = 32,
    seconds: Annotated[float, typer.Option(help="Duration of the load.")] = 120,
    side: Annotated[int, typer.Option(help="Longer side of the photo, pixels.")] = 1024,
    path: Annotated[
        str, typer.Option(help="Path to post to; the page uses /api/chroma.")
    ] = "/api/colorize",
    model: Annotated[Path | None, typer.Option(help="A .keras file; the default model.")] = None,
    waiting: Annotated[int, typer.Option(help="`--waiting` of the service.")] = 32,
    output: OutputOption = None,
) -> None:
    """Start a service, put it under load, and measure it."""
    command = [str(Path(sys.executable).with_name("deepcolor")), "app", "--port", "0"]
    command += ["--waiting", str(waiting)]
    if model:
        command += ["--model", str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = urlsplit(server.stdout.readline().split()[1])
        service = (str(address.hostname), int(address.port or 0))
        end = time.monotonic() + seconds
        data = draw_photo(side)
        threads = [Client(number, service, path, data, end) for number in range(1, clients + 1)]
        result = measure(threads, server.pid, seconds)
        server.terminate()
    result |= {"path": path, "side": side, "waiting": waiting}
    for name, value in result.items():
        print(f"{name:>26}  {value}")
    print(table_row(result))
    write_json(output, result)


if __name__ == "__main__":
    typer.run(main)
