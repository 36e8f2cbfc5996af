"""Nothing is sent: the command and the service, in a network whose name server counts questions."""

import os
import shutil
import subprocess
import sys

import pytest

# The only name server of the new network is this program, and every question is written down.
PROBE = r"""
import os, socket, subprocess, sys, threading, time
subprocess.run(["mount", "--bind", sys.argv[1], "/etc/resolv.conf"], check=True)
import fcntl, struct
up = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(up, 0x8914, struct.pack("16sH14x", b"lo", 0x41))
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
asked = []
def listen():
    while True:
        asked.append(server.recvfrom(512)[0])
threading.Thread(target=listen, daemon=True).start()
running = subprocess.Popen(sys.argv[3:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    running.wait(float(sys.argv[2]))
except subprocess.TimeoutExpired:
    running.terminate()
    running.wait(20)
print(len(asked), running.returncode)
"""
ASK = "import socket\ntry: socket.getaddrinfo('example.org', 80)\nexcept OSError: pass"


def can_unshare():
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rnm", "true"], capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.attack,
    pytest.mark.skipif(not can_unshare(), reason="`unshare -rnm` makes no network of its own here"),
]


@pytest.fixture
def asked(tmp_path):
    """A function that runs a command and returns how many names it asked for, and its status."""
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(seconds, *command):
        probe = ["unshare", "-rnm", sys.executable, "-c", PROBE, str(resolver), str(seconds)]
        environment = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"} | home
        done = subprocess.run(
            [*probe, *command], env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return tuple(map(int, done.stdout.split()))

    return run


DEEPCOLOR = [sys.executable, "-c", "from deepcolor.cli import main; main()"]


def test_a_question_is_counted(asked):
    assert asked(60, sys.executable, "-c", ASK)[0] > 0


def test_the_command_asks_for_no_name(asked, tmp_path):
    from PIL import Image

    for number in range(3):
        Image.new("L", (64, 64), 40 * number).save(tmp_path / f"{number}.png")
    output = ["-o", str(tmp_path / "out")]
    assert asked(200, *DEEPCOLOR, "colorize", *map(str, tmp_path.glob("*.png")), *output) == (0, 0)
    assert len([*(tmp_path / "out").iterdir()]) == 3


def test_the_service_asks_for_no_name_and_writes_nothing(asked, tmp_path):
    names, _ = asked(75, *DEEPCOLOR, "app", "--port", "0")
    assert names == 0
    written = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert written == ["resolv.conf"]
