import io
import re
import struct
import tempfile
import zipfile
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
import requests
from PIL import Image
from PIL.ExifTags import Base
from tests.support.web_service import colorizer, decode, photo, serve

from colorization.color.lightness import photo_lightness
from colorization.inference.colorize import TTA_SIDES
from deepcolor.web import app
from deepcolor.web.app import create_app
from deepcolor.web.colorizer import open_colorizer

JPEG = {"Content-Type": "image/jpeg"}


def colorize(service, data, path="/api/colorize", **query):
    return requests.post(f"{service}{path}", data, params=query, headers=JPEG, timeout=60)


def test_a_photo_keeps_its_size_and_its_lightness(service):
    data = photo(61, 83, "PNG")
    response = colorize(service, data)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/png"
    result = decode(response.content)
    assert result.size == (83, 61)
    before, after = (photo_lightness(np.asarray(decode(d))) for d in (data, response.content))
    assert np.abs(before - after).max() < 1
    assert np.ptp(np.asarray(result), axis=2).max() > 30


def test_a_form_sends_a_photo_with_its_parameters(service):
    files = {"photo": ("grandma.jpg", photo())}
    form = {"strength": "0", "format": "png"}
    response = requests.post(f"{service}/api/colorize", form, files=files, timeout=60)
    assert response.headers["Content-Type"] == "image/png"
    assert "grandma-colorized.png" in response.headers["Content-Disposition"]
    assert np.ptp(np.asarray(decode(response.content)), axis=2).max() == 0


def test_strength_changes_the_colors(service):
    data = photo(form="PNG")
    colors = [
        np.ptp(np.asarray(decode(colorize(service, data, **query).content)), axis=2).mean()
        for query in ({"strength": 0.5}, {}, {"strength": 1.3})
    ]
    assert colors == sorted(colors) and colors[0] < colors[1] < colors[2]


def hinted(service, *hints):
    response = colorize(service, photo(60, 80, "PNG"), hint=hints, format="png")
    assert response.status_code == 200, response.text
    return np.asarray(decode(response.content)).astype(int)


def test_hints_of_the_query_and_of_a_form_are_followed(hinted_model):
    with serve(create_app(open_colorizer(hinted_model))) as address:
        plain, red = hinted(address), hinted(address, "20,30=#d01010", "0,0=808080")
        files = {"photo": ("a.png", photo(60, 80, "PNG"))}
        form = {"hint": "20,30=#d01010 0,0=808080"}
        sent = requests.post(f"{address}/api/colorize", form, files=files, timeout=60)
    np.testing.assert_array_equal(np.asarray(decode(sent.content)), red)
    assert (red - plain)[20, 30, 0] > (red - plain)[20, 30, 2] + 10


@pytest.mark.parametrize(
    ("hint", "reason"),
    [("20,30=green", "hint"), ("60,30=#d01010", "60 rows and 80 columns"), ("1,1=#000001", "need")],
)
def test_a_bad_hint_is_refused(service, hinted_model, hint, reason):
    with serve(create_app(open_colorizer(hinted_model))) as address:
        takes_hints = service if reason == "need" else address
        response = colorize(takes_hints, photo(60, 80), hint=hint)
    assert response.status_code == 422
    assert response.json()["code"] == "bad-setting"
    assert reason in response.json()["message"]


def test_a_photo_is_made_upright_keeps_its_date_and_is_labeled_as_colorized(service):
    exif = Image.Exif()
    exif[Base.Orientation], exif[Base.DateTime] = 6, "1948:06:07 10:00:00"
    result = decode(colorize(service, photo(60, 80, exif=exif)).content)
    assert result.size == (60, 80)
    kept = result.getexif()
    assert kept[Base.DateTime] == "1948:06:07 10:00:00"
    assert "Colorized by Deep Colorization" in kept[Base.ImageDescription]


def test_metadata_that_cannot_be_written_is_dropped(service):
    # A description of eight numbers instead of text.
    entry = struct.pack("<HHLL", Base.ImageDescription, 3, 8, 26)
    exif = b"II*\0" + struct.pack("<LH", 8, 1) + entry + bytes(4) + bytes(range(16))
    response = colorize(service, photo(exif=b"Exif\0\0" + exif))
    assert response.status_code == 200
    described = decode(response.content).getexif()[Base.ImageDescription]
    assert described.startswith("Colorized by Deep Colorization")


def test_sixteen_bits_stay_sixteen_bits(service):
    ramp = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
    file = io.BytesIO()
    Image.fromarray(ramp).save(file, "PNG")
    response = colorize(service, file.getvalue())
    assert response.content[24] == 16  # the bit depth, in a PNG's header


@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "tiff"])
def test_the_result_has_the_requested_format(service, form):
    response = colorize(service, photo(), format=form)
    assert response.headers["Content-Type"] == f"image/{form}"
    assert decode(response.content).format == form.upper()


def test_a_photo_in_a_read_only_format_becomes_a_png(service):
    assert colorize(service, photo(form="BMP")).headers["Content-Type"] == "image/png"


def test_file_names_are_sanitized(service):
    headers = JPEG | {"X-Filename": "..%2F..%2Fa%22%0D%0AX-Evil%3A%201%2F%C3%A9t%C3%A9.jpeg"}
    response = requests.post(f"{service}/api/colorize", photo(), headers=headers, timeout=60)
    assert response.headers["Content-Disposition"] == (
        "inline; filename=\"_t_-colorized.jpg\"; filename*=UTF-8''%C3%A9t%C3%A9-colorized.jpg"
    )


def test_chroma_is_a_numpy_file_with_one_map_per_temperature(service):
    response = colorize(service, photo(60, 80), "/api/chroma")
    maps = np.load(io.BytesIO(response.content))
    assert maps.dtype == np.int16 and maps.shape == (2, TTA_SIDES[-1] * 3 // 4, TTA_SIDES[-1], 2)
    assert np.abs(maps[1]).mean() > np.abs(maps[0]).mean()


def test_the_form_without_javascript_returns_a_page_of_the_photos(service):
    files = [("photo", (f"<{seed}>.jpg", photo(seed=seed))) for seed in range(2)]
    response = requests.post(f"{service}/colorize", {"strength": "1"}, files=files, timeout=60)
    assert response.headers["Content-Type"].startswith("text/html")
    assert "img-src 'self' data:" in response.headers["Content-Security-Policy"]
    contents = re.findall(r'<img src="data:image/jpeg;base64,([^"]+)"', response.text)
    assert [decode(b64decode(content)).size for content in contents] == [(80, 60)] * 2
    assert re.findall(r'download="([^"]+)"', response.text) == [
        "_0_-colorized.jpg",
        "_1_-colorized.jpg",
    ]


def test_the_form_without_javascript_names_a_file_that_it_refuses_beside_the_photos(service):
    files = [("photo", ("a.jpg", photo())), ("photo", ("<b>.txt", b"no photo"))]
    response = requests.post(f"{service}/colorize", files=files, timeout=60)
    assert response.status_code == 200
    assert re.findall(r'download="([^"]+)"', response.text) == ["a-colorized.jpg"]
    assert "&lt;b&gt;.txt: This is not an image of a supported format." in response.text


def test_a_refused_form_returns_a_page_in_the_visitors_language(service):
    files = {"photo": ("a.jpg", b"no photo <script>")}
    headers = {"Accept-Language": "fr-CH, fr;q=0.9, en;q=0.8"}
    response = requests.post(f"{service}/colorize", files=files, headers=headers, timeout=60)
    assert response.status_code == 415
    assert "Ce n’est pas une image" in response.text and "<script>" not in response.text


def test_photos_are_never_written_to_a_file(service, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "there is no such folder"))
    noise = np.random.default_rng(0).integers(0, 255, (1500, 1500), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    assert len(file.getvalue()) > 1 << 21
    files = {"photo": ("a.png", file.getvalue())}
    assert requests.post(f"{service}/api/colorize", files=files, timeout=60).status_code == 200


def test_openapi_describes_the_parameters_and_the_errors(service):
    schema = requests.get(f"{service}/openapi.json", timeout=60).json()
    operation = schema["paths"]["/api/colorize"]["post"]
    assert {p["name"] for p in operation["parameters"]} == {"strength", "format", "hint"}
    assert set(operation["responses"]) == {"200", "403", "408", "413", "415", "422", "429", "503"}
    assert set(operation["requestBody"]["content"]) >= {"image/*", "multipart/form-data"}


def test_the_page_names_its_picture_in_full_for_sites_that_show_a_link_to_it(service):
    for path in ("/", "/fr.html"):
        page = requests.get(service + path, timeout=60).text
        (picture,) = re.findall(r'property="og:image" content="([^"]*)"', page)
        assert picture.startswith(service)
        assert requests.get(picture, timeout=60).headers["Content-Type"] == "image/jpeg"


def test_the_source_code_can_be_downloaded(service):
    response = requests.get(f"{service}/source.zip", timeout=60)
    assert response.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        names = archive.namelist()
        assert archive.read("deepcolor/web/app.py") == Path(app.__file__).read_bytes()
    assert {"colorization/models/unet.py", "deepcolor/web/static/app.js"} <= set(names)
    assert not [name for name in names if name.endswith((".pyc", ".onnx", ".gz", ".npz"))]


def test_healthz_reports_ok(service):
    assert requests.get(f"{service}/healthz", timeout=60).json() == {"status": "ok"}


def test_metrics_count_photos_and_responses_without_labels_made_up_by_visitors(service):
    colorize(service, photo())
    requests.get(f"{service}/made-up-by-a-visitor", timeout=60)
    requests.request("MADEUP", f"{service}/healthz", timeout=60)
    text = requests.get(f"{service}/metrics", timeout=60).text
    assert 'deepcolor_requests_total{method="POST",path="/api/colorize",status="200"}' in text
    assert 'deepcolor_stage_seconds_bucket{le="+Inf",stage="working"}' in text
    assert "deepcolor_photos_total" in text and "deepcolor_pixels_total" in text
    assert "deepcolor_requests_in_progress 0.0" in text
    assert "made" not in text.lower()


def test_unknown_addresses_and_methods_are_reported_in_the_visitors_language(service):
    french = {"Accept-Language": "fr"}
    response = requests.get(f"{service}/nowhere", headers=french, timeout=60)
    assert response.status_code == 404 and "Cette page n’existe pas" in response.text
    response = requests.delete(f"{service}/api/colorize", timeout=60)
    assert response.status_code == 405 and response.json()["code"] == "no-such-method"
    assert response.headers["Allow"] == "POST"


PATHS = ["/", "/fr.html", "/app.js", "/ort/ort-wasm-simd-threaded.wasm", "/healthz", "/nowhere"]


@pytest.mark.parametrize("path", [*PATHS, "/api/colorize"])
def test_every_response_has_the_security_headers(service, path):
    headers = requests.get(f"{service}{path}", timeout=60).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "http" not in policy and "unsafe-inline" not in policy and "*" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "Access-Control-Allow-Origin" not in headers


def test_only_listed_sites_may_frame_the_page():
    sites = ["https://huggingface.co", "http://localhost:3000"]
    with serve(create_app(colorizer(), framed_by=sites)) as address:
        photo_headers = colorize(address, photo()).headers
        for headers in (requests.get(address, timeout=60).headers, photo_headers):
            policy = headers["Content-Security-Policy"]
            assert policy.endswith("; frame-ancestors https://huggingface.co http://localhost:3000")
            assert "X-Frame-Options" not in headers


@pytest.mark.parametrize("site", ["huggingface.co", "https://a.b; script-src *", "https://a.b/c"])
def test_a_framing_site_that_is_not_an_origin_is_refused(site):
    with pytest.raises(ValueError, match="`framed_by` must be origins"):
        create_app(colorizer(), framed_by=[site])
