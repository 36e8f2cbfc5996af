"""A service on loopback with a fake network, and photos to upload."""

import io
import threading
import time
from contextlib import contextmanager

import numpy as np
import requests
import uvicorn
from PIL import Image

from colorization.inference.predictor import Predictor
from deepcolor.web.colorizer import TEMPERATURES, Colorizer
from deepcolor.web.connections import server_config


def fake_network(lightness, temperature):
    """Predict warm lights and cold shadows, more vivid with a temperature."""
    rows = slice(None, None, 4)
    chroma = np.concatenate([lightness - 50, lightness - 40], axis=-1)[:, rows, rows]
    return (chroma * (0.6 if temperature is None else 0.9)).astype(np.float32)


def colorizer(network=fake_network):
    return Colorizer(Predictor(network), TEMPERATURES)


def photo(height=60, width=80, form="JPEG", seed=0, **options):
    """Return the file of a smooth gray photo."""
    rows, columns = np.mgrid[0:height, 0:width] / max(height, width)
    gray = 128 + 90 * np.sin(5 * rows + seed) * np.cos(4 * columns)
    file = io.BytesIO()
    Image.fromarray(gray.astype(np.uint8)).save(file, form, **options)
    return file.getvalue()


def decode(data):
    return Image.open(io.BytesIO(data))


@contextmanager
def serve(app):
    """Serve an application on a free port of loopback; yield its address."""
    config = server_config(app, "127.0.0.1", 0)
    server, socket = uvicorn.Server(config), config.bind_socket()
    socket.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{socket.getsockname()[1]}"
    try:
        requests.get(f"{address}/healthz", timeout=30).raise_for_status()
        yield address
    finally:
        server.should_exit = True
        thread.join(30)


class SlowNetwork:
    """A network that responds when the event `may_respond` is set."""

    def __init__(self):
        self.may_respond = threading.Event()
        self.calls = 0

    def __call__(self, lightness, temperature):
        self.calls += 1
        assert self.may_respond.wait(30)
        return fake_network(lightness, temperature)


def wait_until(condition, seconds=20):
    """Wait for a condition that another thread fulfills."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
