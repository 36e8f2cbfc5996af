"""The web service under load: clients that send photo after photo, on loopback only.

    python -m benchmarks.web_load --clients 32 --seconds 120 --output build/benchmarks/web-load.json

Each client has an address of its own (127.0.1.1, 127.0.1.2, ...) and sends a gray photo as soon as
it has the answer to the last; after a 429 or 503 it waits as it is told to, but not longer than two
seconds, which keeps the pressure up. Other answers than 200, 429 and 503 are failures. Linux only.
"""

import argparse
import http.client
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

LONGEST_WAIT = 2.0  # seconds
PERCENTILES = (50, 90, 95, 99, 100)


def photo(side: int) -> bytes:
    """Return a JPEG of a smooth gray picture, three to two."""
    rows, columns = np.mgrid[0 : side * 2 // 3, 0:side] / side
    gray = 128 + 60 * np.sin(9 * rows) * np.cos(7 * columns)
    gray += np.random.default_rng(0).normal(0, 6, gray.shape)
    file = io.BytesIO()
    Image.fromarray(gray.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


class Client(threading.Thread):
    """Sends photos until a time.

    Args:
        number: Of the client, from 1; decides its address.
        service: Host and port.
        path: To post to.
        data: The photo.
        end: Monotonic time to stop at.
    """

    def __init__(self, number: int, service: tuple[str, int], path: str, data: bytes, end: float):
        super().__init__(daemon=True)
        self.answers: list[tuple[int | str, float]] = []
        self._source = (f"127.0.1.{number}", 0)
        self._service, self._path, self._data, self._end = service, path, data, end

    def run(self) -> None:
        """Send photos."""
        connection = http.client.HTTPConnection(
            *self._service, timeout=120, source_address=self._source
        )
        while time.monotonic() < self._end:
            begun = time.perf_counter()
            try:
                connection.request("POST", self._path, self._data, {"Content-Type": "image/jpeg"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.answers.append((type(error).__name__, time.perf_counter() - begun))
                connection.close()
                continue
            self.answers.append((answer.status, time.perf_counter() - begun))
            if answer.status in (429, 503):
                time.sleep(min(LONGEST_WAIT, float(answer.headers.get("Retry-After", 1))))
        connection.close()


def resident(pid: int) -> int:
    """Return the memory of a process, bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def measured(clients: list[Client], pid: int, seconds: float) -> dict[str, Any]:
    """Let clients work, and say what became of it."""
    before, peak = resident(pid), 0
    for client in clients:
        client.start()
    while any(client.is_alive() for client in clients):
        peak = max(peak, resident(pid))
        time.sleep(0.2)
    answers = [answer for client in clients for answer in client.answers]
    served = [duration for status, duration in answers if status == 200]
    statuses = Counter(str(status) for status, _ in answers)
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
            sum(status == 200 for status, _ in client.answers) for client in clients
        ),
        "memory_mb": {
            "before": before // 10**6,
            "peak": peak // 10**6,
            "after": resident(pid) // 10**6,
        },
    }


def row(result: dict[str, Any]) -> str:
    """Return a measurement as a row of the table in docs/web.md."""
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
        f"{memory['before']} MB at first, {memory['peak']} MB at most",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Start a service, put it under load, and print and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--side", type=int, default=1024, help="longer side of the photo, pixels")
    parser.add_argument("--path", default="/api/colorize", help="or /api/chroma, as the page does")
    parser.add_argument("--model", type=Path, help="by default the downloaded or shipped one")
    parser.add_argument("--waiting", type=int, default=32)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()

    command = [str(Path(sys.executable).with_name("deepcolor")), "app", "--port", "0"]
    command += ["--waiting", str(arguments.waiting)]
    if arguments.model:
        command += ["--model", str(arguments.model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = urlsplit(server.stdout.readline().split()[1])
        service = (str(address.hostname), int(address.port or 0))
        end = time.monotonic() + arguments.seconds
        data = photo(arguments.side)
        numbers = range(1, arguments.clients + 1)
        clients = [Client(number, service, arguments.path, data, end) for number in numbers]
        result = measured(clients, server.pid, arguments.seconds)
        server.terminate()
    result |= {"path": arguments.path, "side": arguments.side, "waiting": arguments.waiting}
    for name, value in result.items():
        print(f"{name:>26}  {value}")
    print(row(result))
    if arguments.output:
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        part = arguments.output.with_suffix(".part")
        part.write_text(json.dumps(result, indent=2) + "\n")
        part.replace(arguments.output)


if __name__ == "__main__":
    main()
