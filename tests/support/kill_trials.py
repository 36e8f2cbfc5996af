"""Random kills of the real chain: python -m tests.support.kill_trials --kills 100.

The driver (`deepcolor run`), the stand-in or the running kernel is killed at a random moment, and
the command is given again, as its user would. After some kills a chain may end; what it published
is checked, and the next chain begins. Results are appended to a file, one chain a line; a later
call continues where the file ends.
"""

import json
import os
import random
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import typer

import kaggle_local
from tests.support.chain_checks import USER, complete_runs, missing, versions
from tests.support.real_project import chain_command, copy_project, start
from tests.support.tiny_project import read_json

VICTIMS = ("driver", "server", "kernel")
STAGES = ("prepare", "train", "evaluate", "report")
OUTPUTS = ("code", "photos", "elsewhere", "records", "model", "results")


@dataclass
class Outcome:
    """One chain: who was killed when, how the driver ended each time, and what was wrong."""

    kills: list[tuple[str, float]] = field(default_factory=list)  # victim, seconds since the start
    ends: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Victims:
    """The processes of one chain."""

    def __init__(self, clone: Path):
        self.clone = clone
        self.driver = start(clone, *chain_command(clone))

    def restart(self) -> None:
        """Give the command again."""
        self.driver = start(self.clone, *chain_command(self.clone))

    def kill(self, victim: str) -> bool:
        """Kill a process without warning; return whether there was one."""
        number = {"driver": self.driver.pid, "server": self._server()}.get(victim) or 0
        if victim == "kernel" and (found := descendants(self._server())):
            number = found[-1]
        if not number:
            return False
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
        return True

    def _server(self) -> int:
        file = self.clone / "build" / "kaggle_local" / "server.json"
        return int(json.loads(file.read_text())["pid"]) if file.is_file() else 0


def descendants(process: int) -> list[int]:
    """Return the processes below one, children before grandchildren; the last is a kernel's own."""
    found = [process] if process else []
    for parent in found:
        with suppress(FileNotFoundError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found[1:]


def run_chain(draw: random.Random, kills: int, longest: float) -> Outcome:
    """Run one chain to its end under a number of kills, and check what it published."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        clone = copy_project(Path(folder))
        victims = Victims(clone)
        started = time.monotonic()
        try:
            while not _ended(victims, outcome, draw.uniform(1, longest)):
                victim = draw.choice(VICTIMS)
                if len(outcome.kills) < kills and victims.kill(victim):
                    outcome.kills.append((victim, round(time.monotonic() - started, 1)))
            if not outcome.wrong:
                outcome.wrong += find_errors(clone)
        finally:
            victims.driver.kill()
            victims.driver.wait()
            kaggle_local.stop(clone / "build" / "kaggle_local")
    return outcome


def _ended(victims: Victims, outcome: Outcome, seconds: float) -> bool:
    """Wait; if the driver ended without success meanwhile, judge how, and start it again."""
    try:
        _, errors = victims.driver.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    status = victims.driver.returncode
    outcome.ends.append(f"{status} {errors.strip()[:200]}")
    told = status == 1 and "error:" in errors and "Traceback" not in errors.split("The end of")[0]
    if status not in (0, -signal.SIGKILL) and not told:
        outcome.wrong.append(f"the driver ended with {status}: {errors[-2000:]}")
    if len(outcome.ends) > 10 * (len(outcome.kills) + 1):
        outcome.wrong.append("the chain does not go on")
    if status == 0 or outcome.wrong:
        return True
    victims.restart()
    return False


def find_errors(clone: Path) -> list[str]:
    """Return what is wrong with a chain that ended: nothing is lost, damaged or done twice."""
    state, wrong = clone / "build" / "kaggle_local", []
    for name in OUTPUTS:
        newest = versions(state, f"deep-colorization-{name}")[-1] / "files"
        if lost := missing(newest):
            wrong.append(f"{name} lacks {lost}")
    for kernel in read_json(clone / "build" / "staged.json")["kernels"]:
        ended = complete_runs(state, kernel)
        if ended > 1 or (not ended and not kernel["output"]):
            wrong.append(f"{kernel['name']} ran {ended} times to its end as {USER}")
    again = start(clone, *chain_command(clone))
    output = "".join(again.communicate())
    unchanged = all(f"{stage} · unchanged" in output for stage in STAGES)
    if again.returncode or not unchanged:
        wrong.append(f"a run after the end is not without effect: {output[-2000:]}")
    return wrong


def main(
    kills: Annotated[int, typer.Option(help="Number of kills.")] = 100,
    each: Annotated[int, typer.Option(help="Number of kills in one chain, at most.")] = 10,
    longest: Annotated[float, typer.Option(help="Seconds between two kills, at most.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
    output: Annotated[Path, typer.Option(help="File that results are appended to.")] = Path(
        "build/kills.jsonl"
    ),
) -> None:
    """Kill until there were enough kills; the exit status is 1 if any chain ended wrong."""
    output.parent.mkdir(parents=True, exist_ok=True)
    lines = output.read_text().splitlines() if output.is_file() else []
    outcomes = [Outcome(**json.loads(line)) for line in lines]
    while (done := sum(len(outcome.kills) for outcome in outcomes)) < kills:
        draw = random.Random(f"{seed} {len(outcomes)}")
        outcomes.append(run_chain(draw, min(each, kills - done), longest))
        with output.open("a") as file:
            file.write(json.dumps(asdict(outcomes[-1])) + "\n")
        typer.echo(f"{done + len(outcomes[-1].kills)} kills, wrong: {outcomes[-1].wrong}")
    raise typer.Exit(any(outcome.wrong for outcome in outcomes))


if __name__ == "__main__":
    typer.run(main)
