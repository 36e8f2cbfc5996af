"""The live line of the stage that runs: `[2/4] train · unet 23/60 · val 92 · 11 min left`."""

import re
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape

# What `ProgressLog` prints at the end of an epoch, and what tqdm prints.
EPOCH = re.compile(r"(?P<name>\S+) epoch (?P<number>\d+)/(?P<count>\d+): (?P<rest>.*)")
ERROR = re.compile(r"\b(?:val_ab_mse|val_loss) ([\d.]+)")
SECONDS = re.compile(r"\((\d+) s\)$")
PROBLEM = "unreadable: "  # begins what the prepare kernel prints of a photo that it leaves out
BAR = re.compile(r"(?P<name>.*?):? *(?P<share>\d+)%\|.*?(?P<counts>\d+/\d+)")


class StageLine:
    """Shows what a stage does while it runs, on one line, or with `verbose` its whole log."""

    def __init__(self, console: Console, name: str, verbose: bool = False):
        self.console = console
        self.name = name
        self.verbose = verbose
        self.progress = ""
        self._status = console.status(f"{escape(name)} · queued")

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._status.stop()

    def show(self, text: str) -> None:
        """Show what the stage does."""
        self._status.update(f"{escape(self.name)} · {escape(text)}")

    def read(self, line: str) -> None:
        """Take a line of the stage's log, and show the progress that it tells."""
        if self.verbose:
            self.console.print(f"[dim]│ {escape(line)}[/dim]")
        elif line.startswith(PROBLEM):
            self.console.print(f"[yellow]-[/yellow] {escape(line)}")
        if found := describe_progress(line):
            self.progress = found
            self.show(found)


def describe_progress(line: str) -> str:
    """Return what a line of a log says of progress, or ""."""
    if found := EPOCH.match(line):
        return _describe_epoch(found)
    if found := BAR.match(line):
        return " ".join(part for part in (found["name"].strip(), found["counts"]) if part)
    return ""


def _describe_epoch(found: re.Match[str]) -> str:
    parts = [f"{found['name']} {found['number']}/{found['count']}"]
    if error := ERROR.search(found["rest"]):
        parts.append(f"val {float(error[1]):.0f}")
    left = int(found["count"]) - int(found["number"])
    if left and (seconds := SECONDS.search(found["rest"])):
        parts.append(f"{describe_duration(left * int(seconds[1]))} left")
    return " · ".join(parts)


def describe_duration(seconds: float) -> str:
    """Return a duration as people say it: "34 s", "34 min" or "2 h 05 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
