"""A running `deepcolor app` under load, honest and hostile, on loopback only."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

OPTIONS = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
COMMAND = [sys.executable, "-c", "from deepcolor.cli import main; main()", "app", "--port", "0"]
JPEG = {"Content-Type": "image/jpeg"}


@contextmanager
def running_service():
    """Yield a started service and its address; end it with Ctrl-C, within ten seconds."""
    process = subprocess.Popen(
        COMMAND, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        address = re.search(r"http://[\d.:]+", process.stdout.readline())[0]
        requests.get(f"{address}/healthz", timeout=120).raise_for_status()
        yield process, address
        process.send_signal(signal.SIGINT)
        process.wait(10)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def memory_of(pid):
    """Return the resident bytes of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = 0
    for number in (pid, *children):
        with suppress(OSError):
            pages += int(Path(f"/proc/{number}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def honest_load(address, photo, clients, seconds):
    """Send photos from several addresses; return the seconds of each answer, and the failures."""
    took, failures = [], []
    end = time.monotonic() + seconds

    def send(number):
        session = requests.Session()
        session.mount("http://", FromAddress(f"127.0.1.{number + 1}"))
        while time.monotonic() < end:
            started = time.monotonic()
            try:
                response = session.post(f"{address}/api/colorize", photo, headers=JPEG, timeout=120)
            except requests.RequestException as error:
                failures.append(repr(error))
                continue
            if response.status_code == 200:
                took.append(time.monotonic() - started)
            elif response.status_code != 503:
                failures.append(response.text)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(took), failures


class FromAddress(requests.adapters.HTTPAdapter):
    """Connects from an address of loopback."""

    def __init__(self, source):
        self._source = source
        super().__init__()

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self._source, 0), **options)


@contextmanager
def every_second(*attacks):
    """Start each attack again every second in threads of their own; their errors are ignored."""
    ended = threading.Event()

    def repeat(attack):
        while not ended.wait(1):
            with suppress(OSError, requests.RequestException):
                attack()

    threads = [threading.Thread(target=repeat, args=(attack,)) for attack in attacks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def connect(address, source):
    """Return a socket to a service, from an address of loopback, that reads little."""
    host, port = address.removeprefix("http://").split(":")
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.settimeout(30)
    made.bind((source, 0))
    made.connect((host, int(port)))
    return made
