import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests
from PIL import Image
from tests.support.photos import content
from tests.support.web_service import colorizer, serve, wait_until

from deepcolor.web import connections
from deepcolor.web.app import create_app
from deepcolor.web.limits import Limits

HALF = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def connect(monkeypatch):
    """A function that opens a connection to a new service whose limits of time are short."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 1.0)
    monkeypatch.setattr(connections, "STALLED_SECONDS", 1.0)
    with ExitStack() as stack:
        address = stack.enter_context(serve(create_app(colorizer(), Limits(workers=1))))
        url = urlsplit(address)

        def connect(data=b"", source="127.0.0.1"):
            made = socket.socket()
            stack.callback(made.close)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            made.settimeout(120)
            made.bind((source, 0))
            made.connect((url.hostname, url.port))
            made.sendall(data)
            return made

        connect.address = address
        yield connect


def is_closed(connection, seconds):
    connection.settimeout(seconds)
    try:
        while connection.recv(1 << 16):
            continue
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def in_progress(address):
    text = requests.get(f"{address}/metrics", timeout=60).text
    return float(text.split("requests_in_progress ")[-1].split()[0])


def test_a_header_that_does_not_end_is_not_waited_for(connect):
    silent, trickling = connect(), connect(HALF)
    for _ in range(10):
        time.sleep(0.2)
        try:
            trickling.sendall(b"X: y\r\n")
        except OSError:
            break
    assert is_closed(silent, 10) and is_closed(trickling, 10)


def test_a_connection_without_a_request_makes_room_for_others(connect, monkeypatch):
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 60.0)
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 20)
    first = connect(HALF)
    others = [connect(HALF) for _ in range(25)]
    assert requests.get(f"{connect.address}/healthz", timeout=10).ok
    assert is_closed(first, 10) and not is_closed(others[-1], 0.2)


def test_an_address_has_a_limited_number_of_connections(connect, monkeypatch):
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 60.0)
    monkeypatch.setattr(connections, "MAX_PER_ADDRESS", 4)
    proxied = [connect(HALF) for _ in range(8)]
    own = [connect(HALF, "127.0.0.9") for _ in range(8)]
    assert [is_closed(made, 0.3) for made in own].count(False) == 3
    assert not any(is_closed(made, 0.05) for made in proxied)


def test_an_answer_that_nobody_reads_holds_its_place_and_is_given_up(connect, monkeypatch):
    monkeypatch.setattr(connections, "STALLED_SECONDS", 4.0)
    noise = np.random.default_rng(0).integers(0, 256, (1600, 1600), np.uint8)
    body = content(Image.fromarray(noise), "PNG", compress_level=0)
    head = f"POST /api/colorize HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    unread = connect(head.encode() + b"Content-Type: image/png\r\n\r\n" + body)
    wait_until(lambda: unread.recv(9, socket.MSG_PEEK) == b"HTTP/1.1 ", 120)
    assert in_progress(connect.address) == 1
    wait_until(lambda: in_progress(connect.address) == 0, 30)
    assert is_closed(unread, 10)


def test_a_body_in_chunks_of_a_byte_is_cut_off(connect):
    head = b"POST /api/colorize HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    tiny = connect(head + b"Content-Type: image/jpeg\r\n\r\n")
    time.sleep(0.2)
    with pytest.raises(OSError):  # it is closed meanwhile
        for _ in range(200):
            tiny.sendall(b"1\r\nx\r\n" * 10_000)
    assert requests.get(f"{connect.address}/healthz", timeout=5).ok
