import json
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.stand_in import Kaggle, is_alive, until

import kaggle_local

# A kernel does not know its process ids outside, so it writes a file while it lives.
BEAT = (
    "import time\nwhile True:\n    open('beat', 'w').write(str(time.time()))\n    time.sleep(.02)"
)


def beats(kaggle: Kaggle, name: str) -> bool:
    beat = kaggle.version(name) / "output" / "beat"
    before = beat.stat().st_mtime_ns if beat.exists() else 0
    time.sleep(0.2)
    return beat.exists() and beat.stat().st_mtime_ns > before


def test_a_kernel_dies_with_a_killed_server(start: Callable[..., Kaggle]) -> None:
    kaggle = start()
    child = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {BEAT!r}])\n"
    kaggle.save("beat-on", child + "import time\ntime.sleep(60)")
    until(lambda: beats(kaggle, "beat-on"))

    kaggle.kill()

    until(lambda: not beats(kaggle, "beat-on"))


def test_a_kernel_that_died_with_the_server_is_an_error(
    start: Callable[..., Kaggle],
) -> None:
    kaggle = start()
    kaggle.save("beat-on", BEAT)
    until(lambda: beats(kaggle, "beat-on"))
    kaggle.kill()

    kaggle = start()

    status = kaggle.ok("kernels", "status", "alice/beat-on")
    assert "KernelWorkerStatus.ERROR" in status
    assert "stopped while this kernel ran: push it again" in status
    assert "beat" in kaggle.ok("kernels", "files", "alice/beat-on")
    assert not list((kaggle.root / "scratch").iterdir())


def test_a_stopped_server_ends_its_kernels_and_keeps_their_output(
    start: Callable[..., Kaggle],
) -> None:
    kaggle = start()
    kaggle.save("beat-on", BEAT)
    until(lambda: beats(kaggle, "beat-on"))
    pid = kaggle.pid

    assert kaggle_local.stop(kaggle.root)

    assert not is_alive(pid)
    assert not beats(kaggle, "beat-on")
    assert kaggle.wait_for_end("beat-on") == "CANCEL_ACKNOWLEDGED"


def test_background_processes_end_with_their_kernel(kaggle: Kaggle) -> None:
    left = f"subprocess.Popen([sys.executable, '-c', {BEAT!r}], start_new_session=True)"
    wait = "import os, time\nwhile not os.path.exists('beat'): time.sleep(.01)"
    kaggle.save("leave-one", f"import subprocess, sys\n{left}\n{wait}")
    assert kaggle.wait_for_end("leave-one") == "COMPLETE"
    assert not beats(kaggle, "leave-one")


def test_too_much_output_is_an_error(start: Callable[..., Kaggle]) -> None:
    kaggle = start(limits={"output_bytes": 1000})
    kaggle.save("too-much", "open('a', 'wb').write(bytes(2000))")
    assert kaggle.wait_for_end("too-much") == "ERROR"
    assert "2000 bytes, more than the 1000 allowed" in kaggle.ok(
        "kernels", "status", "alice/too-much"
    )


def test_links_and_devices_are_removed_from_the_output(kaggle: Kaggle) -> None:
    source = """
import os
os.symlink('/etc', 'etc'); os.symlink('/etc/passwd', 'passwd'); os.mkfifo('fifo')
os.makedirs('shut/in'); open('shut/in/a.txt', 'w').write('a'); os.chmod('shut', 0)
"""
    kaggle.save("link-out", source)
    assert kaggle.wait_for_end("link-out") == "COMPLETE"
    kaggle.ok("kernels", "output", "alice/link-out", "-p", "out")
    found = [path for path in (kaggle.folder / "out").rglob("*") if path.is_file()]
    assert sorted(path.name for path in found) == ["a.txt", "link-out.log"]


def test_the_status_names_the_signal_that_ended_a_kernel(kaggle: Kaggle) -> None:
    kaggle.save("end-self", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    assert kaggle.wait_for_end("end-self") == "ERROR"
    assert "signal 11" in kaggle.ok("kernels", "status", "alice/end-self")


def test_a_running_kernel_keeps_a_deleted_input(kaggle: Kaggle) -> None:
    kaggle.save_dataset("go-away", {"a.txt": "a"})
    go = kaggle.folder / "go"
    source = f"""
import os, pathlib, time
print('begun')
while not os.path.exists({str(go)!r}): time.sleep(.02)
print([p.read_text() for p in pathlib.Path(os.environ['KAGGLE_CACHE_MOUNT_FOLDER']).rglob('*.txt')])
"""
    kaggle.save("hold-on", source, datasetDataSources=["alice/go-away"])
    until(lambda: "begun" in kaggle.printed("hold-on"))
    kaggle.ok("datasets", "delete", "-y", "alice/go-away")
    go.touch()
    assert kaggle.wait_for_end("hold-on") == "COMPLETE"
    assert kaggle.printed("hold-on") == "begun\n['a']\n"
    trash = kaggle.root / "trash"
    until(lambda: not list(trash.iterdir()))


def test_a_session_file_is_never_partly_written(kaggle: Kaggle) -> None:
    kaggle.save("watch-me", "pass")
    session: Path = kaggle.version("watch-me") / "session.json"
    states = set()
    while (state := json.loads(session.read_text())["state"]) != "COMPLETE":
        states.add(state)
    assert states <= {"QUEUED", "RUNNING"}
