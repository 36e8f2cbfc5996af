import os
import signal
import subprocess
import sys

import pytest

from deepcolor.chain.lock import locked
from deepcolor.errors import DeepColorError

HOLD = """
import sys, time
from pathlib import Path
from deepcolor.chain.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE) as held:
        assert held.stdout.readline() == b"held\n"
        yield held
        held.kill()


def test_a_second_process_is_refused_and_told_of_the_first(holder, tmp_path):
    refused = pytest.raises(DeepColorError, match=rf"in use by .*\(process {holder.pid}\)")
    with refused, locked(tmp_path):
        pass


def test_the_lock_of_a_killed_process_is_free(holder, tmp_path):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with locked(tmp_path):
        assert (tmp_path / "deepcolor.lock").read_text() == str(os.getpid())
    with locked(tmp_path):
        pass
