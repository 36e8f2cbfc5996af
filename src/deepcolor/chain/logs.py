"""Follow a running kernel, and read the log of a finished one."""

import json
import threading
import time
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from deepcolor.kaggle.client import KaggleClient
from deepcolor.kaggle.kernel_client import KernelStatus
from deepcolor.kaggle.request_errors import KaggleError


def follow_kernel(
    client: KaggleClient, kernel: str, console: Console, version: int | None = None
) -> KernelStatus:
    """Show the log of a kernel until its version, by default the newest, ends; return its state."""
    started = time.monotonic()
    log_ended, stop = threading.Event(), threading.Event()

    def show_log() -> None:
        log = client.follow_log(kernel, version)
        _print_log(takewhile(lambda _: not stop.is_set(), log), console)
        log_ended.set()

    reader = threading.Thread(target=show_log, daemon=True)
    reader.start()
    try:
        with console.status(f"{kernel}: queued") as spinner:
            while not (status := client.kernel_status(kernel, version)).final:
                seconds = time.monotonic() - started
                spinner.update(f"{kernel}: {status.state.lower()}, {seconds:.0f} s")
                if log_ended.is_set():  # it cannot be followed any more
                    time.sleep(client.poll)
                log_ended.wait(client.poll)
            reader.join(timeout=5)
    finally:
        stop.set()
    return status


def _print_log(pieces: Iterable[str], console: Console) -> None:
    try:
        for piece in pieces:
            for line in piece.splitlines():
                if text := line.rstrip().split("\r")[-1]:  # the last state of a progress bar
                    console.print(f"[dim]│ {escape(text)}[/dim]")
    except KaggleError as error:  # the kernel runs on, and its log is downloaded in the end
        console.print(f"[yellow]{escape(str(error))}[/yellow]")


def read_log(file: Path) -> list[str]:
    """Return the lines of a kernel's log, which Kaggle stores as JSON objects."""
    text = file.read_text("utf-8", errors="replace")
    try:
        parts = [item["data"] for item in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        return text.splitlines()
    return "".join(parts).splitlines()
