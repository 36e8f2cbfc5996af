"""Runs pushed kernels, each in a thread and a supervised process tree."""

import contextlib
import os
import secrets
import selectors
import subprocess
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from kaggle_local.runner.isolation import Isolation, launch, probe
from kaggle_local.runner.sandbox import Input, ServerAccess, make_job
from kaggle_local.settings import Layout, Limits
from kaggle_local.state.kernels import Kernels, KernelVersion, Push, Session, SessionState
from kaggle_local.state.logs import LogWriter
from kaggle_local.state.store import Store, now
from kaggle_local.state.trees import TOO_LONG, clean_tree, remove_tree, walk_files

_TICK = 0.2
_MEASURE_SECONDS = 5.0
_NOT_STORED = "the end of this run could not be stored: is the disk of the stand-in full?"
_STOPPED_WITH_SERVER = "the stand-in was stopped while this kernel ran: push it again"


@dataclass
class _Run:
    version: KernelVersion
    stop_reason: str = ""
    stop_state: SessionState = SessionState.CANCEL_ACKNOWLEDGED
    done: threading.Event = field(default_factory=threading.Event)

    def stop(self, reason: str, state: SessionState = SessionState.CANCEL_ACKNOWLEDGED) -> None:
        if not self.stop_reason:
            self.stop_reason, self.stop_state = reason, state


class Runner:
    """Starts, stops and watches kernels."""

    def __init__(
        self, store: Store, kernels: Kernels, limits: Limits, layout: Layout, server: ServerAccess
    ) -> None:
        self._store = store
        self._kernels = kernels
        self._limits = limits
        self._layout = layout
        self._server = server
        self._isolation: Isolation | None = None
        self._runs: dict[Path, _Run] = {}
        self._not_stored: set[Path] = set()
        self._lock = threading.Lock()

    def recover(self) -> None:
        """End the sessions that a killed server left open."""
        for version in self._kernels.all_versions():
            if not version.session.state.is_over:
                with contextlib.suppress(OSError):  # the server must start nevertheless
                    clean_tree(version.output)
                self._fail(version, _STOPPED_WITH_SERVER)

    def running(self) -> list[KernelVersion]:
        """List the kernels that run or are about to."""
        with self._lock:
            return [run.version for run in self._runs.values()]

    def session(self, version: KernelVersion) -> Session:
        """Return the state of a run, even if a full disk kept its end from being stored."""
        session = version.session
        if version.folder in self._not_stored and not session.state.is_over:
            return replace(session, state=SessionState.ERROR, failure=_NOT_STORED)
        return session

    def start(self, version: KernelVersion, inputs: list[Input]) -> None:
        """Run a kernel in a thread."""
        run = _Run(version)
        with self._lock:
            self._runs[version.folder] = run
        threading.Thread(target=self._run, args=(run, inputs), daemon=True).start()

    def stop(self, version: KernelVersion, reason: str) -> None:
        """Stop a kernel if it runs, and wait for its end; its output so far is kept."""
        with self._lock:
            run = self._runs.get(version.folder)
        if run:
            run.stop(reason)
            run.done.wait()

    def stop_all(self) -> None:
        """Stop all kernels, because the server ends."""
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

    def _fail(self, version: KernelVersion, reason: str) -> None:
        try:
            _end(version, SessionState.ERROR, reason)
        except OSError:
            self._not_stored.add(version.folder)

    def _run_in(self, run: _Run, inputs: list[Input], scratch: Path) -> None:
        version, isolation = run.version, self._probe()
        job = make_job(version, inputs, self._layout, isolation, scratch, self._server)
        log = LogWriter(version.log)
        with contextlib.closing(log):
            for message in _initial_notes(version.push, isolation):
                log.note(message)
            with launch(job) as process:
                version.update_session(state=SessionState.RUNNING, started=now())
                self._watch(run, process, log)
        if not clean_tree(version.output):
            run.stop(f"/kaggle/working held {TOO_LONG}, which was removed", SessionState.ERROR)
        if not run.stop_reason:
            self._check_output(run)
        _end(version, *_final_state(run, process.returncode))

    def _probe(self) -> Isolation:
        with self._lock:
            if self._isolation is None:
                self._isolation = probe(self._store.scratch)
            return self._isolation

    def _watch(self, run: _Run, process: "subprocess.Popen[bytes]", log: LogWriter) -> None:
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
                    run.stop(f"the run exceeded its limit of {run.version.push.timeout:g} s")
                if time.monotonic() > measured + _MEASURE_SECONDS:
                    self._check_output(run)
                    measured = time.monotonic()
                if run.stop_reason and not process.stdin.closed:
                    log.note(f"stopped: {run.stop_reason}")
                    process.stdin.close()

    def _check_output(self, run: _Run) -> None:
        size = sum(status.st_size for _, status in walk_files(run.version.output))
        if size > self._limits.output_bytes:
            limit = self._limits.output_bytes
            reason = f"/kaggle/working holds {size} bytes, more than the {limit} allowed"
            run.stop(reason, SessionState.ERROR)


def _initial_notes(push: Push, isolation: Isolation) -> list[str]:
    notes = []
    if push.accelerator:
        requested = push.machine_shape or push.accelerator.upper()
        notes.append(f"the kernel requests {requested} but gets the hardware of this machine")
    if not push.internet and not isolation.net:
        notes.append("enable_internet is false, but this system cannot cut off the network")
    if not isolation.mount:
        notes.append("without mount namespaces the inputs are not below /kaggle/input")
    return notes


def _final_state(run: _Run, status: int) -> tuple[SessionState, str]:
    if run.stop_reason:
        return run.stop_state, run.stop_reason
    if status == 0:
        return SessionState.COMPLETE, ""
    if status > 128:
        return SessionState.ERROR, f"signal {status - 128} ended the kernel"
    return SessionState.ERROR, f"the kernel ended with exit status {status}"


def _end(version: KernelVersion, state: SessionState, failure: str) -> None:
    version.update_session(state=state, ended=now(), failure=failure)
