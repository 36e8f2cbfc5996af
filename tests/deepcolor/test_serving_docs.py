"""The code of docs/serving.md, run as it stands there."""

import functools
import gzip
import http.server
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from colorization.inference.colorize import coloriser
from deepcolor.export.export_model import export_model

ROOT = Path(__file__).parents[2]
ORT = ROOT / "src" / "deepcolor" / "web" / "static" / "ort"
PHOTO = skimage.data.chelsea()


def blocks(language):
    text = (ROOT / "docs" / "serving.md").read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def exports(hinted_model, tmp_path_factory):
    """What the document exports, of a network that takes hints as the one that ships."""
    folder = tmp_path_factory.mktemp("exports")
    model = folder / "deep-colorization.keras"
    model.write_bytes(hinted_model.read_bytes())
    kinds = ["saved-model", "network", "colorize-small"]
    assert len(list(export_model(model, folder, kinds=kinds))) == len(kinds)
    return folder


@pytest.fixture
def place(exports, tmp_path):
    """A folder with a photo and exports under the names that the document uses."""
    Image.fromarray(PHOTO).save(tmp_path / "grandma.jpg", quality=95)
    (tmp_path / "exports").symlink_to(exports)
    return tmp_path


def agreement(model, place, colorized, temperature=None):
    photo = np.asarray(Image.open(place / "grandma.jpg"))
    expected = coloriser(photo, model, temperature=temperature)
    return np.mean(np.abs(colorized.astype(int) - expected).max(-1) <= 1)


@pytest.mark.parametrize(
    "index",
    [
        pytest.param(0, id="coloriser"),
        pytest.param(1, id="ONNX Runtime"),
        pytest.param(2, id="SavedModel", marks=pytest.mark.slow),
    ],
)
def test_python_runs_as_it_stands(hinted_model, place, index):
    code = blocks("python")
    assert len(code) == 3
    subprocess.run([sys.executable, "-c", code[index]], cwd=place, check=True)
    colorized = np.asarray(Image.open(place / "grandma-colorized.png"))
    assert agreement(hinted_model, place, colorized, None if index else 0.38) >= 0.999


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.mark.slow
def test_the_page_runs_as_it_stands(hinted_model, place, chromium):
    (page_code,) = blocks("html")
    (place / "index.html").write_text(page_code, "utf-8")
    graph = place / "exports" / "deep-colorization-colorize-small.onnx"
    shutil.copy(graph, place / "colorize-small.onnx")
    for path in ORT.iterdir():
        content = path.read_bytes()
        unpacked = gzip.decompress(content) if path.suffix == ".gz" else content
        (place / path.name.removesuffix(".gz")).write_bytes(unpacked)
    handler = functools.partial(Quiet, directory=place)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_function("document.title == 'colorized'", timeout=120_000)
        data = page.evaluate(
            "[...document.querySelector('canvas').getContext('2d')"
            f".getImageData(0, 0, {PHOTO.shape[1]}, {PHOTO.shape[0]}).data]"
        )
        page.close()
        server.shutdown()
    colorized = np.array(data).reshape(*PHOTO.shape[:2], 4)[..., :3]
    assert agreement(hinted_model, place, colorized) >= 0.999
