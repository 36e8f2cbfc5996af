"""A visitor of the page: what a browser test does and sees."""

import io
import zipfile
from base64 import b64decode
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

PATIENCE = 120_000  # ms; WebAssembly is compiled on whatever cores are free


class Visitor:
    """Someone in front of the page, who notes what their browser asks for and complains about."""

    def __init__(self, browser, address, expected_errors=(), **options):
        self.context = browser.new_context(accept_downloads=True, **options)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.address = address
        self.requests, self.complaints = [], []
        self.expected = expected_errors
        self.context.on("request", lambda request: self.requests.append(request))
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)

    def _heard(self, message):
        expected = any(words in message.text for words in self.expected)
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(message.text)

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        self.context.close()
        if error is None:
            assert not self.complaints, self.complaints
            elsewhere = [url for url in self.urls if not self._is_own(url)]
            assert not elsewhere, elsewhere

    @property
    def urls(self):
        return [request.url for request in self.requests]

    @property
    def posts(self):
        return [urlsplit(r.url).path for r in self.requests if r.method == "POST"]

    def _is_own(self, url):
        own = ("blob:", "data:", f"{self.address}/")
        return url == self.address or url.startswith(own)

    def brings(self, *photos, state="ready"):
        """Chooses (name, content) photos, and waits until all are in a state."""
        files = [
            {"name": name, "mimeType": media_type(name), "buffer": data} for name, data in photos
        ]
        self.page.set_input_files("#photos", files)
        self.waits(state)

    def waits(self, *states):
        others = "".join(f":not([data-state={state}])" for state in (states or ("ready",)))
        self.page.wait_for_selector(f"#thumbnails:has(li):not(:has(li{others}))", state="attached")

    def downloads(self, button="#download"):
        with self.page.expect_download() as download:
            self.page.click(button)
        return download.value.suggested_filename, download.value.path().read_bytes()

    def pixels(self, canvas="#after"):
        """The pixels of a canvas, as an image."""
        url = self.page.eval_on_selector(canvas, "canvas => canvas.toDataURL('image/png')")
        return Image.open(io.BytesIO(b64decode(url.split(",")[1]))).convert("RGB")

    def moves(self, slider, value):
        """Moves a slider, as a keyboard would; waits for the picture."""
        self.page.focus(slider)
        self.page.fill(slider, str(value))
        self.waits_for_the_picture()

    def waits_for_the_picture(self):
        self.page.wait_for_selector("#compare[aria-busy=false]")


def media_type(name):
    endings = {"jpg": "image/jpeg", "png": "image/png", "tif": "image/tiff", "txt": "text/plain"}
    return endings[name.rsplit(".", 1)[-1]]


def unzipped(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def colorfulness(image):
    return np.ptp(np.asarray(image).astype(int), axis=2).mean()
