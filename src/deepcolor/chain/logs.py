"""Follow a running kernel, and read the log of a finished one."""

import json
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from deepcolor.kaggle.client import KaggleClient, KernelStatus
from deepcolor.kaggle.errors import KaggleError


def follow_kernel(client: KaggleClient, kernel: str, console: Console) -> KernelStatus:
    """Show the log of a kernel until it ends, and return its last status."""
    started = time.monotonic()
    ended = threading.Event()
    pieces = client.follow_log(kernel)
    reader = threading.Thread(target=_show_log, args=(pieces, console, ended), daemon=True)
    reader.start()
    with console.status(f"{kernel}: queued") as spinner:
        while not (status := client.kernel_status(kernel)).final:
            seconds = time.monotonic() - started
            spinner.update(f"{kernel}: {status.state.lower()}, {seconds:.0f} s")
            # The end of the log is the end of the kernel: ask at once instead of waiting.
            ended.wait(client.poll)
            if ended.is_set():
                time.sleep(client.poll / 10)
        reader.join(timeout=5)
    return status


def _show_log(pieces: Iterable[str], console: Console, ended: threading.Event) -> None:
    try:
        for piece in pieces:
            for line in piece.splitlines():
                if text := line.rstrip().split("\r")[-1]:
                    console.print(f"[dim]│ {escape(text)}[/dim]")
        ended.set()
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
