"""The service of the command under attack: hostile files, silent clients and unread answers."""

import os
import resource
import time

import numpy as np
import pytest
import requests
from PIL import Image
from tests.support import hostile_photos as hostile
from tests.support.load import (
    JPEG,
    connect,
    every_second,
    honest_load,
    memory_of,
    running_service,
)
from tests.support.photos import content
from tests.support.web_service import photo

pytestmark = pytest.mark.attack

SECONDS = float(os.environ.get("ATTACK_SECONDS", "10"))  # of each load
CLIENTS = 32
HEADER = b"POST /api/colorize HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"


@pytest.fixture(scope="module", autouse=True)
def many_files():
    """The half-open connections of both ends are open files of this and of the other process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def percentile(took, share):
    return took[int(len(took) * share)]


def test_honest_photos_are_answered_while_hostile_files_arrive_every_second():
    files = [
        hostile.tiff_of_two_sizes(),
        hostile.tiff_of_many_strips(4_000_000),
        hostile.jpeg_of_many_scans(60_000),
        hostile.gif_of_many_frames(65),
    ]
    kept, turns = [], iter(range(10**9))
    honest = photo(400, 600)

    def send_hostile():
        data = files[next(turns) % len(files)]
        response = requests.post(f"{address}/api/colorize", data, headers=JPEG, timeout=60)
        assert response.status_code in (413, 422, 429, 503)

    def leave_a_header_open():
        for _ in range(20):
            made = connect(address, "127.0.2.1")
            made.sendall(HEADER)
            kept.append(made)

    def leave_an_answer_unread():
        made = connect(address, "127.0.2.2")
        made.sendall(HEADER + f"Content-Length: {len(large)}\r\n\r\n".encode() + large)
        kept.append(made)

    large = content(Image.fromarray(np.random.default_rng(0).integers(0, 256, (900, 900), "u1")))
    with running_service() as (process, address):
        honest_load(address, honest, CLIENTS, 3)  # all workers are warm
        quiet, failures = honest_load(address, honest, CLIENTS, SECONDS)
        before = memory_of(process.pid)
        with every_second(send_hostile, leave_a_header_open, leave_an_answer_unread):
            attacked, more = honest_load(address, honest, CLIENTS, SECONDS)
        after = memory_of(process.pid)
        stopping = time.monotonic()
    print(f"{len(quiet)} and {len(attacked)} answers, p95 {percentile(quiet, 0.95):.2f} s and")
    print(f"{percentile(attacked, 0.95):.2f} s, {before >> 20} and {after >> 20} MiB, end in")
    print(f"{time.monotonic() - stopping:.1f} s")
    for made in kept:
        made.close()
    assert failures + more == []
    assert percentile(attacked, 0.95) <= 3 * percentile(quiet, 0.95)
    assert after - before < 1 << 30


def test_half_open_headers_deny_nothing():
    with running_service() as (_, address):
        kept = [connect(address, f"127.0.3.{number % 16 + 1}") for number in range(900)]
        for made in kept:
            try:
                made.sendall(HEADER)
            except OSError:  # its place was taken by a later one
                continue
        for _ in range(10):
            assert requests.post(f"{address}/api/colorize", photo(), headers=JPEG, timeout=60).ok
        for made in kept:
            made.close()


def test_an_interruption_ends_the_service_while_a_photo_is_decoded():
    slow = content(Image.fromarray(np.random.default_rng(0).integers(0, 256, (6900, 6900), "u1")))
    with running_service() as (_, address):  # leaving it fails if that takes ten seconds
        made = connect(address, "127.0.4.1")
        made.sendall(HEADER + f"Content-Length: {len(slow)}\r\n\r\n".encode() + slow[: 32 << 20])
        time.sleep(0.5)
    made.close()
