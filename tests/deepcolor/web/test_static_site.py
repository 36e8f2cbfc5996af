"""The page on a host of plain files, and in a frame of another site."""

import http.server
import threading
from contextlib import closing, contextmanager
from functools import partial
from urllib.parse import urlsplit

import pytest
from tests.support.visitor import TIMEOUT, Visitor, colorfulness, unzip
from tests.support.web_service import colorizer, decode, photo, serve

from deepcolor.colorize.onnx_network import PACKAGED_GRAPH
from deepcolor.web.app import create_app
from deepcolor.web.static_site import write_site

pytestmark = pytest.mark.slow


class FileHandler(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_):
        pass


@contextmanager
def hosted(folder):
    """Serve a folder like any host of static files, without our headers; yield the address."""
    handler = partial(FileHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def plain_host(graph, tmp_path_factory):
    folder = tmp_path_factory.mktemp("host")
    write_site(folder / "repository", graph)  # as on GitHub Pages
    with hosted(folder) as address:
        yield f"{address}/repository"


def test_a_static_site_colorizes_photos_without_a_service(chromium, plain_host):
    with Visitor(chromium, plain_host) as visitor:
        visitor.add_photos(("a.jpg", photo(300, 400)), ("b.png", photo(form="PNG")))
        first = colorfulness(visitor.pixels())
        visitor.choose_variant("lively")
        assert 3 < first < colorfulness(visitor.pixels())
        results = unzip(visitor.download("#download-all")[1])
        assert [decode(data).size for data in results.values()] == [(400, 300), (80, 60)]
        assert {request.method for request in visitor.requests} == {"GET"}


def test_the_larger_graph_is_loaded_only_for_hints(chromium, tmp_path):
    write_site(tmp_path, PACKAGED_GRAPH)
    with hosted(tmp_path) as address, Visitor(chromium, address) as visitor:

        def graphs():
            paths = {urlsplit(request.url).path for request in visitor.requests}
            return {path for path in paths if path.endswith(".onnx.gz")}

        visitor.add_photos(("a.png", photo(240, 320, "PNG")))
        visitor.wait_for_preview()
        assert graphs() == {"/chroma-first.onnx.gz"}
        visitor.page.click("#correct")
        visitor.page.click("#hint-middle")
        visitor.page.wait_for_selector(".swatch")
        assert graphs() == {"/chroma-first.onnx.gz", "/chroma.onnx.gz"}


def test_a_static_site_reports_a_photo_that_the_browser_cannot_read(chromium, plain_host):
    with Visitor(chromium, plain_host) as visitor:
        visitor.add_photos(("scan.tif", photo(form="TIFF")), state="failed")
        assert "this browser cannot read it" in visitor.page.inner_text("#state")


def test_a_static_site_says_that_it_needs_javascript(chromium, plain_host):
    with Visitor(chromium, plain_host, java_script_enabled=False) as visitor:
        assert "needs JavaScript" in visitor.page.inner_text("#form")
        assert visitor.page.is_hidden("#photos")


@pytest.mark.parametrize("allowed", [True, False])
def test_another_sites_frame_shows_the_page_only_if_allowed(chromium, tmp_path, allowed):
    with hosted(tmp_path) as site:
        app = create_app(colorizer(), framed_by=[site] if allowed else [])
        with serve(app) as address, closing(chromium.new_page()) as page:
            (tmp_path / "index.html").write_text(f'<iframe src="{address}/"></iframe>')
            page.goto(site)
            frame = page.frame_locator("iframe")
            assert frame.locator("#photos").count() == allowed
            if allowed:
                frame.locator(".example").first.click()
                frame.locator("#compare[aria-busy=false]").wait_for(timeout=TIMEOUT)
