import pytest
import requests
from tests.support.web_service import colorizer, photo, serve

from deepcolor.web.app import create_app
from deepcolor.web.origins import LOCAL_NAMES, is_loopback


@pytest.fixture(scope="module")
def local():
    with serve(create_app(colorizer(), names=LOCAL_NAMES)) as address:
        yield address


def post(address, path="/api/colorize", **headers):
    headers = {"Content-Type": "image/jpeg"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return requests.post(f"{address}{path}", photo(), headers=headers, timeout=60)


@pytest.mark.parametrize("path", ["/api/colorize", "/api/chroma", "/colorize"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_a_browser_sends_for_another_site_is_refused(local, path, site):
    refused = post(local, path, Sec_Fetch_Site=site)
    assert refused.status_code == 403
    assert "another site" in refused.text


@pytest.mark.parametrize("origin", ["https://example.org", "null", "http://127.0.0.1:1"])
def test_without_that_header_the_origin_decides(local, origin):
    assert post(local, Origin=origin).status_code == 403


def test_the_page_itself_and_programs_are_answered(local):
    assert post(local).status_code == 200
    assert post(local, Origin=local).status_code == 200
    assert post(local, Sec_Fetch_Site="same-origin", Origin="null").status_code == 200


@pytest.mark.parametrize("host", ["example.org", "example.org:80", "", "[", "localhost.a.org"])
@pytest.mark.parametrize("path", ["/metrics", "/", "/api/colorize"])
def test_a_name_that_leads_to_this_machine_is_not_answered(local, host, path):
    response = requests.get(f"{local}{path}", headers={"Host": host}, timeout=60)
    assert response.status_code in (400, 403)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:80", "LOCALHOST"])
def test_local_names_are_answered(local, host):
    assert requests.get(f"{local}/metrics", headers={"Host": host}, timeout=60).status_code == 200


def test_loopback_is_known():
    assert all(is_loopback(host) for host in ("localhost", "127.0.0.1", "127.1.2.3", "::1"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.5", "example.org"))
