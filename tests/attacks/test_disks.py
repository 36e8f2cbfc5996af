"""The chain on a disk that is full or read-only: one line, status 1, and it goes on afterward."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.chain_checks import count_incomplete_versions, find_errors
from tests.support.fault_trials import ROOT, Bench
from tests.support.tiny_project import write_project

# kB: full while the code is staged, while the photos are, and while an output is downloaded.
SIZES = (4, 48, 150)
UNSHARE = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-r", "-m"]


def on_disk(mount: str, command: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run a command after a mount that only it sees."""
    script = f"{mount} && exec {shlex.join(command)}"
    whole = [*UNSHARE, "sh", "-c", script]
    return subprocess.run(whole, capture_output=True, text=True, cwd=ROOT, timeout=300)


@pytest.fixture
def bench(tmp_path: Path):
    probe = [*UNSHARE, "mount", "-t", "tmpfs", "none", "/tmp"]
    if not shutil.which("unshare") or subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("this system does not let us mount a small disk")
    bench = Bench(tmp_path)
    write_project(bench.project, bench.proxy.url, 1, internet=False)
    (bench.project / "build").mkdir()
    yield bench
    bench.close()


def check_told_and_resumed(bench: Bench, done: "subprocess.CompletedProcess[str]") -> None:
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("error: the disk is ") and done.stderr.count("\n") == 1
    assert bench.run() == ("finished", "")
    assert find_errors(bench.state, bench.project, 1) == []
    assert count_incomplete_versions(bench.state) == 0


@pytest.mark.attack
@pytest.mark.parametrize("kilobytes", SIZES)
def test_a_full_disk_is_told_in_one_line_and_the_chain_goes_on(bench, kilobytes):
    mount = f"mount -t tmpfs -o size={kilobytes}k none {bench.project / 'build'}"
    check_told_and_resumed(bench, on_disk(mount, bench.command()))


@pytest.mark.attack
@pytest.mark.parametrize("stage", ["staging", "downloading"])
def test_a_read_only_disk_is_told_in_one_line_and_the_chain_goes_on(bench, stage):
    build = bench.project / "build"
    place = build if stage == "staging" else build / "local"
    place.mkdir(exist_ok=True)
    mount = f"mount --bind {place} {place} && mount -o remount,bind,ro {place}"
    check_told_and_resumed(bench, on_disk(mount, bench.command()))
