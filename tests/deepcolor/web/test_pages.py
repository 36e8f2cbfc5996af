import gzip
import hashlib
import json
import re
import subprocess
import sys

import numpy as np
import pytest
import requests
from PIL import Image
from tests.support.web_service import serve

from colorization.color.lightness import check_photo
from colorization.inference.colorize import predict_small_chroma
from colorization.inference.predictor import Predictor
from colorization.inference.recolor import recolor
from deepcolor.colorize.onnx_network import (
    PACKAGED_FIRST_GRAPH,
    PACKAGED_GRAPH,
    PACKAGED_NETWORK,
    SOURCE,
    open_onnx,
    open_session,
)
from deepcolor.web.app import create_app
from deepcolor.web.colorizer import Colorizer
from deepcolor.web.page_graph import graph_inputs
from deepcolor.web.pages import STATIC, Mode, assets, render_page
from deepcolor.web.static_site import write_site
from deepcolor.web.texts import LANGUAGES, TEMPLATES, preferred_language, texts

# SHA-256 of the files of version 1.30.0 on npm.
RUNTIME = {
    "ort.wasm.bundle.min.mjs": "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    "ort-wasm-simd-threaded.wasm": (
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2"
    ),
}


@pytest.mark.parametrize("name", RUNTIME)
def test_the_runtime_files_are_the_published_ones(name):
    plain, packed = STATIC / "ort" / name, STATIC / "ort" / f"{name}.gz"
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else plain.read_bytes()
    assert hashlib.sha256(content).hexdigest() == RUNTIME[name]


@pytest.mark.parametrize("size", [(1, 1), (37, 50), (300, 200)])
def test_the_pages_graph_matches_recolor(size):
    random = np.random.default_rng(0)
    photo = random.integers(0, 256, (*size, 3), np.uint8)
    chroma = random.uniform(-110, 110, (12, 9, 2)).astype(np.float32)
    fed = {"photo": photo[None], "chroma": chroma[None], "strength": np.array(1.3, np.float32)}
    joined = open_session(STATIC / "recolor.onnx").run(None, fed)[0][0]
    expected = recolor(photo, chroma, 1.3)
    assert np.quantile(np.abs(joined.astype(int) - expected), 0.999) <= 1


def test_both_languages_have_the_same_texts():
    english, french = (texts(language) for language in LANGUAGES)
    assert english.keys() == french.keys() and english["js"].keys() == french["js"].keys()
    for words in (english, french):
        assert all(words["js"].values()) and all(words.values())

    def filled(text):
        return sorted(re.findall(r"{\w+", text))

    for name, text in english["js"].items():
        assert filled(text) == filled(french["js"][name]), name
    for name in english.keys() - {"js"}:
        assert filled(english[name]) == filled(french[name]), name


def test_every_text_that_a_script_uses_exists():
    scripts = "".join(path.read_text("utf-8") for path in STATIC.glob("*.js"))
    used = set(re.findall(r'\btext\("([a-z-]+)"', scripts))
    errors = re.findall(r'(?:PhotoError|refusal)\("([a-z-]+)"', scripts)
    used |= {f"error-{code}" for code in errors}
    assert used and used <= texts("en")["js"].keys()


def test_every_error_code_has_a_message():
    package = "".join(path.read_text("utf-8") for path in TEMPLATES.parent.glob("*.py"))
    codes = set(re.findall(r'RequestError\([^"]*"([a-z-]+)"', package))
    assert {f"error-{code}" for code in codes} == {n for n in texts("en") if n.startswith("error-")}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA,fr;q=0.8,en;q=0.5", "fr"),
        ("en;q=0.3,fr;q=0.7", "fr"),
        ("de,en;q=0.9,fr;q=0.9", "en"),
        ("fr;q=0", "en"),
        (";;;q=,,fr;q=x", "en"),
    ],
)
def test_the_preferred_language_is_chosen(accepted, language):
    assert preferred_language(accepted) == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("server", [True, False])
def test_the_page_refers_to_no_other_origin(language, server):
    text = render_page(language, Mode((None, 0.38), server, PACKAGED_GRAPH))
    assert f'<html lang="{language}">' in text and "$" not in text
    links = re.findall(r'(?:src|href|action)="([^"]*)"', text)
    assert links and not [link for link in links if "//" in link or link.startswith("/")]
    assert "<style" not in text and " style=" not in text and " onclick=" not in text


def test_the_page_is_in_the_browsers_language(service):
    for language in LANGUAGES:
        response = requests.get(service, headers={"Accept-Language": language}, timeout=60)
        assert f'<html lang="{language}">' in response.text
        assert "Accept-Language" in response.headers["Vary"]
        assert response.headers["Content-Encoding"] == "gzip"


WASM = "ort/ort-wasm-simd-threaded.wasm.gz"


@pytest.mark.parametrize("path", ["app.js", "style.css"])
def test_text_is_compressed_and_revalidated(service, path):
    url = f"{service}/{path}"
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=60)
    packed = requests.get(url, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=60)
    for response in (plain, packed):
        assert response.headers["Cache-Control"] == "no-cache"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.raw.read()) == plain.content
    tag = {"If-None-Match": plain.headers["ETag"]}
    unchanged = requests.get(url, headers=tag, timeout=60)
    assert unchanged.status_code == 304 and not unchanged.content
    assert unchanged.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["recolor.onnx", "chroma.onnx.gz", WASM])
def test_large_files_come_as_they_are(service, path):
    response = requests.get(f"{service}/{path}", headers={"Accept-Encoding": "gzip"}, timeout=60)
    assert "Content-Encoding" not in response.headers
    assert int(response.headers["Content-Length"]) == len(response.content)


def test_a_range_of_a_file_can_be_requested(service):
    headers = {"Range": "bytes=4-7"}
    response = requests.get(f"{service}/{WASM}", headers=headers, timeout=60)
    assert response.status_code == 206
    assert response.content == (STATIC / WASM).read_bytes()[4:8]


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("app.js", "text/javascript; charset=utf-8"),
        ("ort/ort.wasm.bundle.min.mjs", "text/javascript; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("favicon.ico", "image/svg+xml"),
        ("examples/cat.jpg", "image/jpeg"),
        ("chroma.onnx.gz", "application/octet-stream"),
        ("app.webmanifest", "application/manifest+json"),
        (WASM, "application/wasm"),
    ],
)
def test_files_have_their_media_type(service, path, media_type):
    response = requests.head(f"{service}/{path}", timeout=60)
    assert response.headers["Content-Type"] == media_type


@pytest.mark.parametrize("path", ["../service.py", "%2e%2e/service.py", "ort", "ort/", "en.json"])
def test_only_the_pages_files_are_served(service, path):
    assert requests.get(f"{service}/{path}", timeout=60).status_code == 404


def test_without_a_graph_there_is_no_in_browser_mode():
    network = Predictor(lambda lightness, temperature: lightness.repeat(2, axis=-1))
    with serve(create_app(Colorizer(network, (None,)))) as address:
        assert "on-device" not in requests.get(address, timeout=60).text
        assert requests.get(f"{address}/chroma.onnx.gz", timeout=60).status_code == 404


def test_the_site_has_all_files(graph, tmp_path):
    written = write_site(tmp_path / "site", graph)
    names = {path.relative_to(tmp_path / "site").as_posix() for path in written}
    pages = {"index.html", "en.html", "fr.html"}
    assert names == {*pages, "chroma.onnx.gz", "source.zip", ".nojekyll", *assets()}
    text = (tmp_path / "site" / "fr.html").read_text("utf-8")
    settings = json.loads(re.search(r'id="settings">(.*?)</script>', text)[1])
    assert settings["mode"] == "browser" and settings["temperatures"] == [None, 0.38]
    assert 'http-equiv="Content-Security-Policy"' in text and "<form" in text
    assert 'href="source.zip"' in text and "{address}" not in text


@pytest.mark.parametrize("graph", [PACKAGED_GRAPH, PACKAGED_FIRST_GRAPH])
def test_the_packaged_graphs_give_the_colors_of_the_packaged_network(graph):
    photo = np.asarray(Image.open(STATIC / "examples" / "admiral.jpg").convert("RGB"))
    fed = {"photo": photo[None], "hints": np.zeros((0, 5), np.float32)}
    fed["kept"] = np.zeros(0, np.float32)
    fed |= dict.fromkeys(("fast", "temperature"), np.array(0, np.float32))
    taken = graph_inputs(graph)
    assert set(fed) - taken == ({"hints", "kept"} if graph == PACKAGED_FIRST_GRAPH else set())
    found = open_session(graph).run(["chroma"], {name: fed[name] for name in taken})[0][0]
    _, expected = predict_small_chroma(open_onnx(PACKAGED_NETWORK), check_photo(photo))
    assert np.sqrt(np.mean((found - expected) ** 2)) < 0.03 * np.sqrt(np.mean(expected**2))


def test_the_first_graph_is_of_the_same_network_and_a_third_smaller():
    whole, first = (
        open_session(graph).get_modelmeta().custom_metadata_map
        for graph in (PACKAGED_GRAPH, PACKAGED_FIRST_GRAPH)
    )
    assert first == whole and first[SOURCE]
    assert PACKAGED_FIRST_GRAPH.stat().st_size < 0.67 * PACKAGED_GRAPH.stat().st_size


def test_a_site_needs_a_graph_from_photo_to_chroma(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.onnx"):
        write_site(tmp_path / "site", tmp_path / "nothing.onnx")
    with pytest.raises(ValueError, match="must go from `photo` to `chroma`"):
        graph_inputs(STATIC / "recolor.onnx")


def test_the_service_imports_neither_tensorflow_nor_the_kaggle_client():
    code = (
        "import sys, deepcolor.web.serve_command, deepcolor.web.app;"
        "import deepcolor.web.static_site, deepcolor.web.colorizer;"
        "print([n for n in ('tensorflow', 'keras', 'kaggle', 'skimage') if n in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
