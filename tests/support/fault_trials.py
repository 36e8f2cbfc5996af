"""Seeded trials of the chain under faults: python -m tests.support.fault_trials --jobs 2.

Each trial runs the tiny chain through the proxy, which injects faults into one kind of request, and
then runs it again without a fault. The published state, and every version on the way to it, is
checked on the stand-in's disk. Results are appended to a file; trials in that file are skipped.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

import kaggle_local
from tests.support.chain_checks import count_incomplete_versions, find_errors, versions
from tests.support.fault_proxy import KINDS, Fault, FaultProxy
from tests.support.tiny_project import write_project

ROOT = Path(__file__).parents[2]
DRIVER = "tests.support.chain_driver"
# Every request that a whole chain makes, of the client, of kagglehub and of the driver.
CALLS = (
    *("IntrospectToken", "StartBlobUpload", "PUT upload", "CreateDataset", "CreateDatasetVersion"),
    *("GetDatasetStatus", "GetDataset", "ListDatasetFiles"),
    *("DownloadDataset", "GET files", "SaveKernel", "GetKernel", "GetKernelSessionStatus"),
    *("ListKernelFiles", "ListKernelSessionOutput", "logs stream"),
)
# How often these are made at least, whatever is published already.
RARE = {"CreateDatasetVersion": 2, "SaveKernel": 3, "logs stream": 3, "ListKernelFiles": 3}
RARE |= {"ListKernelSessionOutput": 3, "CreateDataset": 1, "IntrospectToken": 2}
RESUMES = 3
PATIENCE = 180
OLDER, NEWER = 1, 2


@dataclass(frozen=True)
class Trial:
    """One trial, with its outcome once it has run.

    Attributes:
        seed: Number of the trial.
        call: Request that is hit.
        kind: Kind of fault.
        first: First occurrence of the request that is hit.
        times: Number of occurrences in a row that are hit.
        older: Whether the service holds an older revision of everything at the start.
        hits: Number of requests that were hit.
        ended: How the run with the fault ended: "finished", "failed", "killed", or a description.
        message: Error message of a failed run.
        resumes: Number of runs without a fault afterward, until one finished.
        incomplete: Number of versions that lacked a file, and were superseded.
        wrong: What was wrong in the end.
        seconds: Duration.
    """

    seed: int
    call: str
    kind: str
    first: int
    times: int
    older: bool
    hits: int = 0
    ended: str = ""
    message: str = ""
    resumes: int = 0
    incomplete: int = 0
    wrong: tuple[str, ...] = ()
    seconds: float = 0.0


def plan(count: int, seed: int) -> list[Trial]:
    """Draw trials: each pair of a call and a kind of fault comes once before any comes twice.

    Args:
        count: Number of trials.
        seed: Seed of the draw.
    """
    draw = random.Random(seed)
    pairs = [(call, kind) for call in CALLS for kind in KINDS]
    order: list[tuple[str, str]] = []
    while len(order) < count:
        order += draw.sample(pairs, len(pairs))
    return [
        Trial(
            number,
            call,
            kind,
            first=min(draw.choice((1, 1, 2, 3, 5)), RARE.get(call, 5)),
            times=draw.choice((1, 1, 2, 4)),
            older=call == "CreateDatasetVersion" or draw.random() < 0.3,
        )
        for number, (call, kind) in enumerate(order[:count])
    ]


class Bench:
    """A stand-in, a proxy and a driver of one trial.

    Args:
        folder: An empty folder for their files.
    """

    def __init__(self, folder: Path):
        self.state, self.project = folder / "state", folder / "project"
        self.driver: subprocess.Popen[str] | None = None
        self.start()
        self.proxy = FaultProxy(self.state, self.kill_driver)

    def start(self) -> None:
        """Start the stand-in, unless it runs."""
        self.address()

    def address(self) -> str:
        """Return the address of the stand-in itself, past the proxy."""
        return kaggle_local.connect(self.state, idle_exit=600).url

    def kill_driver(self) -> None:
        """Kill the driver without warning."""
        assert self.driver is not None
        os.kill(self.driver.pid, signal.SIGKILL)

    def command(self) -> list[str]:
        """Return the command that runs the driver."""
        arguments = [self.state, self.project, self.proxy.url]
        return [sys.executable, "-m", DRIVER, *map(str, arguments), "1"]

    def run(self) -> tuple[str, str]:
        """Run the driver once.

        Returns:
            How it ended, and the message if it refused.
        """
        self.driver = subprocess.Popen(
            self.command(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            process_group=0,
        )
        try:
            output, errors = self.driver.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.driver.pid, signal.SIGKILL)
            return f"hangs for {PATIENCE} s", ""
        status = self.driver.returncode
        if status == 0 and output.strip().endswith("finished"):
            return "finished", ""
        if status == 1 and errors.startswith("error:"):  # a crash would start with a traceback
            return "failed", errors.split("error:", 1)[1].strip()
        return ("killed", "") if status == -signal.SIGKILL else (f"status {status}", errors[-2000:])

    def close(self) -> None:
        """End everything."""
        self.proxy.close()
        kaggle_local.stop(self.state)


def run_trial(trial: Trial, keep: Path | None = None) -> Trial:
    """Run one trial and check its outcome.

    Args:
        trial: The trial.
        keep: Folder to work in and to leave behind; a temporary one if None.

    Returns:
        The trial with its outcome.
    """
    folder = keep or Path(tempfile.mkdtemp(prefix="trial-"))
    started = time.monotonic()
    bench = Bench(folder)
    try:
        outcome = _run_on(bench, trial)
    finally:
        bench.close()
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    return replace(outcome, seconds=round(time.monotonic() - started, 1))


def _run_on(bench: Bench, trial: Trial) -> Trial:
    if trial.older:
        write_project(bench.project, bench.proxy.url, OLDER)
        assert bench.run()[0] == "finished"
    before = len(versions(bench.state, "tiny-results"))
    write_project(bench.project, bench.proxy.url, NEWER)
    fault = Fault(trial.kind, trial.call, trial.first, trial.times)
    bench.proxy.seen.clear()
    bench.proxy.fault = fault
    ended, message = bench.run()
    bench.proxy.fault = None
    bench.start()
    resumes, again = 0, (ended, message)
    while again[0] != "finished" and resumes < RESUMES:
        again, resumes = bench.run(), resumes + 1
    wrong = [] if again[0] == "finished" else [f"the last run: {again}"]
    if ended not in ("finished", "failed", "killed"):
        wrong.append(f"the run with the fault: {ended}")
    wrong += find_errors(bench.state, bench.project, NEWER) if again[0] == "finished" else []
    if len(versions(bench.state, "tiny-results")) <= before or (
        trial.older and not (versions(bench.state, "tiny-results")[0] / "files").is_dir()
    ):
        wrong.append("a version was lost")
    incomplete = count_incomplete_versions(bench.state)
    return replace(
        trial,
        hits=fault.hits,
        ended=ended,
        message=message,
        resumes=resumes,
        incomplete=incomplete,
        wrong=tuple(wrong),
    )


def main(
    trials: Annotated[int, typer.Option(help="Number of trials.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
    jobs: Annotated[int, typer.Option(help="Number of trials at once.")] = 2,
    output: Annotated[Path, typer.Option(help="File that results are appended to.")] = Path(
        "build/faults.jsonl"
    ),
) -> None:
    """Run the trials and show a table; the exit status is 1 if any went wrong."""
    output.parent.mkdir(parents=True, exist_ok=True)
    results = read_results(output)
    done = {trial.seed for trial in results}
    todo = [trial for trial in plan(trials, seed) if trial.seed not in done]
    with ProcessPoolExecutor(jobs) as pool, output.open("a") as file:
        running = [pool.submit(run_trial, trial) for trial in todo]
        for future in tqdm(as_completed(running), total=len(running), unit="trial"):
            results.append(future.result())
            file.write(json.dumps(asdict(results[-1])) + "\n")
            file.flush()
    Console().print(table(results, "kind"), table(results, "call"))
    raise typer.Exit(any(trial.wrong for trial in results))


def read_results(file: Path) -> list[Trial]:
    """Read the results of an earlier run."""
    lines = file.read_text().splitlines() if file.is_file() else []
    found = [Trial(**json.loads(line)) for line in lines]
    return [replace(trial, wrong=tuple(trial.wrong)) for trial in found]


def table(results: list[Trial], by: str) -> Table:
    """Count outcomes by kind of fault or by call."""
    shown = Table(by, "trials", "requests hit", "finished at once", "failed, then finished")
    for column in ("killed, then finished", "incomplete versions, superseded", "wrong"):
        shown.add_column(column)
    groups = sorted({str(getattr(trial, by)) for trial in results})
    for name in [*groups, "all"]:
        members = [t for t in results if name in (getattr(t, by), "all")]
        ended = partial(_count, members)
        shown.add_row(
            name,
            str(len(members)),
            str(sum(trial.hits for trial in members)),
            *(ended(how) for how in ("finished", "failed", "killed")),
            str(sum(trial.incomplete for trial in members)),
            str(sum(bool(trial.wrong) for trial in members)),
        )
    return shown


def _count(trials: list[Trial], ended: str) -> str:
    return str(sum(trial.ended == ended and not trial.wrong for trial in trials))


if __name__ == "__main__":
    typer.run(main)
