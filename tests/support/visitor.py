"""A visitor of the page, for browser tests."""

import io
import zipfile
from base64 import b64decode
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

TIMEOUT = 120_000  # ms; compiling WebAssembly is slow on busy cores


READ_PREVIEW = """async () => {
  const image = document.getElementById("after");
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/png");
}"""


class Visitor:
    """A browser page that records its requests and console errors."""

    def __init__(self, browser, address, expected_errors=(), **options):
        # A service worker would hide requests from the test.
        options = {"service_workers": "block"} | options
        self.context = browser.new_context(accept_downloads=True, **options)
        self.context.set_default_timeout(TIMEOUT)
        self.page = self.context.new_page()
        self.address = address
        self.requests, self.console_errors = [], []
        self.expected = [*expected_errors, "Service Worker registration blocked by Playwright"]
        self.context.on("request", lambda request: self.requests.append(request))
        self.page.on("console", self._record_console)
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        self.page.goto(address)

    def _record_console(self, message):
        expected = any(words in message.text for words in self.expected)
        if message.type in ("error", "warning") and not expected:
            self.console_errors.append(message.text)

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        self.context.close()
        if error is None:
            assert not self.console_errors, self.console_errors
            elsewhere = [url for url in self.urls if not self._is_own(url)]
            assert not elsewhere, elsewhere

    @property
    def urls(self):
        return [request.url for request in self.requests]

    @property
    def posted_paths(self):
        return [urlsplit(r.url).path for r in self.requests if r.method == "POST"]

    def _is_own(self, url):
        own = ("blob:", "data:", f"{self.address}/")
        return url == self.address or url.startswith(own)

    def add_photos(self, *photos, state="ready"):
        """Choose photos, given as (name, content), and wait until each is in a state of `state`."""
        files = [
            {"name": name, "mimeType": media_type(name), "buffer": data} for name, data in photos
        ]
        self.page.set_input_files("#photos", files)
        self.wait_for(*([state] if isinstance(state, str) else state))

    def wait_for(self, *states):
        others = "".join(f":not([data-state={state}])" for state in (states or ("ready",)))
        self.page.wait_for_selector(f"#thumbnails:has(li):not(:has(li{others}))", state="attached")

    def download(self, button="#download"):
        with self.page.expect_download() as download:
            self.page.click(button)
        return download.value.suggested_filename, download.value.path().read_bytes()

    def pixels(self):
        """Return the pixels of the preview in color as an image."""
        url = self.page.evaluate(READ_PREVIEW)
        return Image.open(io.BytesIO(b64decode(url.split(",")[1]))).convert("RGB")

    def choose_variant(self, name):
        """Choose a variant of the colors and wait for the preview."""
        self.page.locator(f"#variants input[value={name}]").check(force=True)
        self.wait_for_preview()

    def move_slider(self, slider, value):
        """Set a slider, as a keyboard would, and wait for the preview."""
        self.page.focus(slider)
        self.page.fill(slider, str(value))
        self.wait_for_preview()

    def wait_for_preview(self):
        self.page.wait_for_selector("#compare[aria-busy=false]")


def media_type(name):
    endings = {"jpg": "image/jpeg", "png": "image/png", "tif": "image/tiff", "txt": "text/plain"}
    endings |= {"webp": "image/webp", "heic": "image/heic"}
    return endings[name.rsplit(".", 1)[-1]]


def unzip(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def colorfulness(image):
    return np.ptp(np.asarray(image).astype(int), axis=2).mean()
