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
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import numpy as np
import typer
from PIL import Image

from benchmarks import harness

LONGEST_WAIT = 2.0  # seconds
PERCENTILES = (50, 90, 95, 99, 100)
Response = tuple[str, float]  # status or error, seconds


def draw_photo(side: int) -> bytes:
    """Return a JPEG of a smooth gray picture, 3:2."""
    rows, columns = np.mgrid[0 : side * 2 // 3, 0:side] / side
    gray = 128 + 60 * np.sin(9 * rows) * np.cos(7 * columns)
    gray += np.random.default_rng(0).normal(0, 6, gray.shape)
    file = io.BytesIO()
    Image.fromarray(gray.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def send_photos(
    number: int, service: tuple[str, int], path: str, data: bytes, end: float
) -> list[Response]:
    """Post a photo from the address 127.0.1.`number` again and again until a monotonic time."""
    responses: list[Response] = []
    connection = http.client.HTTPConnection(
        *service, timeout=120, source_address=(f"127.0.1.{number}", 0)
    )
    while time.monotonic() < end:
        started = time.perf_counter()
        try:
            connection.request("POST", path, data, {"Content-Type": "image/jpeg"})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException) as error:
            responses.append((type(error).__name__, time.perf_counter() - started))
            connection.close()
            continue
        responses.append((str(response.status), time.perf_counter() - started))
        if response.status in (429, 503):
            time.sleep(min(LONGEST_WAIT, float(response.headers.get("Retry-After", 1))))
    connection.close()
    return responses


def resident_memory(pid: int) -> int:
    """Return the resident memory of a process, MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 10**6


def run_clients(
    send: Callable[[int], list[Response]], clients: int, pid: int
) -> tuple[list[list[Response]], dict[str, int]]:
    """Run clients at once; return their responses, and the memory of the server in MB."""
    before = peak = resident_memory(pid)
    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(send, number) for number in range(1, clients + 1)]
        while not all(client.done() for client in running):
            peak = max(peak, resident_memory(pid))
            time.sleep(0.2)
    memory = {"before": before, "peak": peak, "after": resident_memory(pid)}
    return [client.result() for client in running], memory


def summarize(clients: list[list[Response]], seconds: float) -> dict[str, Any]:
    """Summarize the responses of all clients."""
    responses = [response for client in clients for response in client]
    served = [duration for status, duration in responses if status == "200"]
    statuses = Counter(status for status, _ in responses)
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
            sum(status == "200" for status, _ in client) for client in clients
        ),
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
    output: harness.OutputOption = None,
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
        send = partial(send_photos, service=service, path=path, data=draw_photo(side), end=end)
        responses, memory = run_clients(send, clients, server.pid)
        server.terminate()
    result = summarize(responses, seconds) | {"memory_mb": memory}
    result |= {"path": path, "side": side, "waiting": waiting}
    for name, value in result.items():
        print(f"{name:>26}  {value}")
    print(table_row(result))
    harness.write_json(output, result)


if __name__ == "__main__":
    typer.run(main)
