"""A service on loopback with a small network, and photos to send to it."""

import io
import threading
import time
from contextlib import contextmanager

import numpy as np
import requests
import uvicorn
from PIL import Image

from colorization.inference.predictor import Predictor
from deepcolor.web.colorizer import TEMPERATURES, NetworkColorizer


def lively(lightness, temperature):
    """A network: warm light and cold shadow, more so at a temperature."""
    rows = slice(None, None, 4)
    chroma = np.concatenate([lightness - 50, lightness - 40], axis=-1)[:, rows, rows]
    return (chroma * (0.6 if temperature is None else 0.9)).astype(np.float32)


def colorizer(answer=lively):
    return NetworkColorizer(Predictor(answer), TEMPERATURES)


def photo(height=60, width=80, form="JPEG", seed=0, **options):
    """A photo's file: a smooth gray picture."""
    rows, columns = np.mgrid[0:height, 0:width] / max(height, width)
    gray = 128 + 90 * np.sin(5 * rows + seed) * np.cos(4 * columns)
    file = io.BytesIO()
    Image.fromarray(gray.astype(np.uint8)).save(file, form, **options)
    return file.getvalue()


def decoded(data):
    return Image.open(io.BytesIO(data))


@contextmanager
def served(app):
    """Serves an application on a free port of loopback; gives its address."""
    config = uvicorn.Config(app, "127.0.0.1", 0, log_level="warning", access_log=False)
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


class Slow:
    """A network that answers when it is told to."""

    def __init__(self):
        self.may_answer = threading.Event()
        self.asked = 0

    def __call__(self, lightness, temperature):
        self.asked += 1
        assert self.may_answer.wait(30)
        return lively(lightness, temperature)


def until(condition, seconds=20):
    """Waits for something that another thread does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
