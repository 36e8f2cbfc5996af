"""Watching a kernel run: its state, its log line by line, and its log afterward."""

import json
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from deepcolor.kaggle.client import KaggleClient, KernelStatus


def follow_kernel(kaggle: KaggleClient, kernel: str, console: Console) -> KernelStatus:
    """Show a kernel's log while it runs, until it has ended.

    Args:
        kaggle: The client.
        kernel: `owner/slug`.
        console: Where to.

    Returns:
        How it ended.
    """
    started = time.monotonic()
    follower = kaggle.follow(kernel)
    ended = threading.Event()
    lines: Iterable[str] = follower.stdout or []
    reader = threading.Thread(target=_show_log, args=(lines, console, ended), daemon=True)
    reader.start()
    try:
        with console.status(f"{kernel}: queued") as spinner:
            while not (status := kaggle.status(kernel)).final:
                seconds = time.monotonic() - started
                spinner.update(f"{kernel}: {status.state.lower()}, {seconds:.0f} s")
                # The end of the log is the end of the kernel: ask at once instead of waiting.
                ended.wait(kaggle.poll)
                if ended.is_set():
                    time.sleep(kaggle.poll / 10)
            reader.join(timeout=5)
    finally:
        follower.terminate()
        follower.wait()
    return status


def _show_log(lines: Iterable[str], console: Console, ended: threading.Event) -> None:
    for line in lines:
        if text := line.rstrip().split("\r")[-1]:
            console.print(f"[dim]│ {escape(text)}[/dim]")
    ended.set()


def read_log(file: Path) -> list[str]:
    """Return the lines of a kernel's log, which Kaggle keeps as JSON objects per line of output.

    Args:
        file: `<slug>.log` as `kaggle kernels output` saves it.
    """
    text = file.read_text("utf-8", errors="replace")
    try:
        parts = [item["data"] for item in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        return text.splitlines()
    return "".join(parts).splitlines()
