"""Runs pushed kernels: one thread and one supervised process tree for each."""

import contextlib
import os
import secrets
import selectors
import subprocess
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from kaggle_local.limits import Limits
from kaggle_local.runner.isolation import Isolation, launch, probe
from kaggle_local.runner.sandbox import Input, Server, job_for
from kaggle_local.state.files import files_below, remove_tree
from kaggle_local.state.kernel_version import KernelVersion, Push, Session, State
from kaggle_local.state.kernels import Kernels
from kaggle_local.state.logs import LogWriter
from kaggle_local.state.store import Store, now

_TICK = 0.2
_MEASURE_SECONDS = 5.0
_LOST = "the end of this run could not be stored: is the disk of the stand-in full?"
_STOPPED_WITH_SERVER = "the stand-in was stopped while this kernel ran: push it again"


@dataclass
class _Run:
    version: KernelVersion
    why_stopped: str = ""
    cancelled: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    def stop(self, why: str, cancelled: bool = True) -> None:
        if not self.why_stopped:
            self.why_stopped, self.cancelled = why, cancelled


class Runner:
    """Starts kernels and sees them through.

    Args:
        store: The state folder.
        kernels: What may be run.
        limits: Caps on time and output.
        layout: Where inputs are mounted.
        server: The stand-in's own address, for kernels with internet.
    """

    def __init__(
        self, store: Store, kernels: Kernels, limits: Limits, layout: str, server: Server
    ) -> None:
        self._store = store
        self._kernels = kernels
        self._limits = limits
        self._layout = layout
        self._server = server
        self._isolation: Isolation | None = None
        self._runs: dict[Path, _Run] = {}
        self._lost: set[Path] = set()
        self._lock = threading.Lock()

    def recover(self) -> None:
        """Close the sessions that a server left open when it was killed."""
        for version in self._kernels.all_versions():
            if not version.session.state.is_over:
                _settle_output(version.output)
                version.update(state=State.ERROR, ended=now(), failure=_STOPPED_WITH_SERVER)

    def running(self) -> list[KernelVersion]:
        """List what is running or about to."""
        with self._lock:
            return [run.version for run in self._runs.values()]

    def session(self, version: KernelVersion) -> Session:
        """Tell how a run stands, also where its end could not be written down (a full disk)."""
        session = version.session
        if version.folder in self._lost and not session.state.is_over:
            return replace(session, state=State.ERROR, failure=_LOST)
        return session

    def start(self, version: KernelVersion, inputs: list[Input]) -> None:
        """Run a kernel in the background."""
        run = _Run(version)
        with self._lock:
            self._runs[version.folder] = run
        threading.Thread(target=self._run, args=(run, inputs), daemon=True).start()

    def stop(self, version: KernelVersion, why: str) -> None:
        """Stop a kernel if it runs, and wait until it has ended; its output so far is kept."""
        with self._lock:
            run = self._runs.get(version.folder)
        if run:
            run.stop(why)
            run.done.wait()

    def stop_all(self) -> None:
        """Stop every kernel, because the server ends."""
        for version in self.running():
            self.stop(version, _STOPPED_WITH_SERVER)

    def _run(self, run: _Run, inputs: list[Input]) -> None:
        scratch = self._store.scratch / secrets.token_hex(8)
        try:
            scratch.mkdir()
            self._run_in(run, inputs, scratch)
        except Exception as error:
            self._fail(run.version, f"the stand-in could not run the kernel: {error}")
        finally:
            with self._lock:
                del self._runs[run.version.folder]
            run.done.set()
            remove_tree(scratch)

    def _fail(self, version: KernelVersion, why: str) -> None:
        try:
            _end(version, State.ERROR, why)
        except OSError:
            self._lost.add(version.folder)

    def _run_in(self, run: _Run, inputs: list[Input], scratch: Path) -> None:
        version, isolation = run.version, self._probed()
        job = job_for(version, inputs, self._layout, isolation, scratch, self._server)
        log = LogWriter(version.log)
        with contextlib.closing(log):
            for message in _notes(version.push, isolation):
                log.note(message)
            with launch(job) as process:
                version.update(state=State.RUNNING, started=now())
                self._attend(run, process, log)
        _settle_output(version.output)
        if not run.why_stopped:
            self._check_output(run)
        _end(version, *_verdict(run, process.returncode))

    def _probed(self) -> Isolation:
        with self._lock:
            if self._isolation is None:
                self._isolation = probe(self._store.scratch)
            return self._isolation

    def _attend(self, run: _Run, process: "subprocess.Popen[bytes]", log: LogWriter) -> None:
        assert process.stdin and process.stdout and process.stderr
        deadline = time.monotonic() + run.version.push.timeout
        measured = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ, "stdout")
            selector.register(process.stderr, selectors.EVENT_READ, "stderr")
            while selector.get_map():
                for key, _ in selector.select(_TICK):
                    data = os.read(key.fd, 1 << 16)
                    log.feed(key.data, data)
                    if not data:
                        selector.unregister(key.fileobj)
                if time.monotonic() > deadline:
                    run.stop(f"it ran longer than its {run.version.push.timeout:g} s")
                if time.monotonic() > measured + _MEASURE_SECONDS:
                    self._check_output(run)
                    measured = time.monotonic()
                if run.why_stopped and not process.stdin.closed:
                    log.note(f"stopped: {run.why_stopped}")
                    process.stdin.close()

    def _check_output(self, run: _Run) -> None:
        size = sum(status.st_size for _, status in files_below(run.version.output))
        if size > self._limits.output_bytes:
            limit = self._limits.output_bytes
            run.stop(f"/kaggle/working holds {size} bytes, more than the {limit} allowed", False)


def _notes(push: Push, isolation: Isolation) -> list[str]:
    notes = []
    if push.accelerator:
        asked = push.machine_shape or push.accelerator.upper()
        notes.append(f"{asked} was asked for; the kernel gets the hardware of this machine")
    if not push.internet and not isolation.net:
        notes.append("enable_internet is false, but this system cannot cut the network off")
    if not isolation.mount:
        notes.append("this system has no mount namespaces: inputs are not below /kaggle/input")
    return notes


def _verdict(run: _Run, status: int) -> tuple[State, str]:
    if run.why_stopped:
        state = State.CANCEL_ACKNOWLEDGED if run.cancelled else State.ERROR
        return state, run.why_stopped
    if status == 0:
        return State.COMPLETE, ""
    if status > 128:
        return State.ERROR, f"the kernel was ended by signal {status - 128}"
    return State.ERROR, f"the kernel ended with exit status {status}"


def _end(version: KernelVersion, state: State, failure: str) -> None:
    version.update(state=state, ended=now(), failure=failure)


def _settle_output(folder: Path) -> None:
    # What is kept are files, readable by the server and changed by nobody; links could lead out.
    for parent, folders, files in os.walk(folder):
        for path in (Path(parent, name) for name in (*folders, *files)):
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                path.unlink()
            else:
                path.chmod(0o755 if path.is_dir() else 0o444)
