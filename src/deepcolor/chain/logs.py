"""Follow a running kernel, and read the log of a finished one."""

import json
import re
import threading
import time
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from deepcolor.chain.stage_line import StageLine, describe_duration
from deepcolor.kaggle.client import KaggleClient
from deepcolor.kaggle.kernel_client import KernelStatus
from deepcolor.kaggle.request_errors import KaggleError

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # colors and movements of the cursor


def follow_kernel(
    client: KaggleClient,
    kernel: str,
    line: StageLine,
    log_file: Path,
    version: int | None = None,
) -> KernelStatus:
    """Show and write the log of a kernel until its version ends; return its state.

    `version` is by default the newest.
    """
    started = time.monotonic()
    log_ended, stop = threading.Event(), threading.Event()
    log_file.parent.mkdir(parents=True, exist_ok=True)

    def read_stream() -> None:
        pieces = takewhile(lambda _: not stop.is_set(), client.follow_log(kernel, version))
        try:
            with log_file.open("w", encoding="utf-8") as file:
                for text in plain_lines(pieces):
                    print(text, file=file, flush=True)
                    line.read(text)
        except KaggleError as error:  # the kernel runs on, and its log is downloaded in the end
            line.read(str(error))
        log_ended.set()

    reader = threading.Thread(target=read_stream, daemon=True)
    reader.start()
    try:
        while not (status := client.kernel_status(kernel, version)).final:
            if not line.progress:
                seconds = time.monotonic() - started
                line.show(f"{status.state.lower()}, {describe_duration(seconds)}")
            if log_ended.is_set():  # it cannot be followed any more
                time.sleep(client.poll)
            log_ended.wait(client.poll)
        reader.join(timeout=5)
    finally:
        stop.set()
    return status


def plain_lines(pieces: Iterator[str]) -> Iterator[str]:
    """Yield the lines of pieces of a log, without colors and earlier states of progress bars."""
    for piece in pieces:
        for text in piece.split("\n"):
            # The last state of a progress bar.
            if plain := ANSI.sub("", text.rstrip("\r")).rstrip().split("\r")[-1]:
                yield plain


def plain_log(log: str) -> str:
    """Return the lines of a kernel's log, which Kaggle stores as JSON objects, as plain text."""
    try:
        parts = [item["data"] for item in json.loads(log)]
    except (ValueError, TypeError, KeyError):
        parts = [log]
    return "".join(f"{line}\n" for line in plain_lines(iter(["".join(parts)])))
