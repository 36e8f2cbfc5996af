import io
import socket
import struct
import threading
import time
import zlib
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import requests
from PIL import Image
from tests.support.web_service import colorizer, photo, serve, wait_until

from deepcolor.web.app import create_app
from deepcolor.web.limits import Limits

JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture(scope="module")
def strict():
    limits = Limits(size=1 << 20, pixels=1_000_000, frames=3, photos=2, upload_seconds=1)
    with serve(create_app(colorizer(), limits)) as address:
        yield address


def refusal(address, data=b"", headers=JPEG, **more):
    response = requests.post(f"{address}/api/colorize", data, headers=headers, timeout=60, **more)
    body = response.json()
    assert body["message"] and "{" not in body["message"]
    return response.status_code, body["code"]


def in_chunks(data):
    for start in range(0, len(data), 1 << 16):
        yield data[start : start + (1 << 16)]


def png_header(width, height):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + crc(kind + content)

    def crc(content):
        return struct.pack(">I", zlib.crc32(content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def animation(frames):
    file = io.BytesIO()
    images = [Image.new("L", (8, 8), 10 * index) for index in range(frames)]
    images[0].save(file, "GIF", save_all=True, append_images=images[1:])
    return file.getvalue()


def test_too_many_bytes_are_refused(strict):
    assert refusal(strict, b"x" * (20 << 20)) == (413, "too-many-bytes")
    assert refusal(strict, in_chunks(b"x" * (20 << 20))) == (413, "too-many-bytes")
    files = {"photo": ("a.jpg", b"x" * (2 << 20))}
    assert refusal(strict, headers={}, files=files) == (413, "too-many-bytes")


@pytest.mark.parametrize(("kind", "status"), [("image/jpeg", b"413"), ("text/plain", b"415")])
def test_a_client_that_is_still_sending_receives_the_refusal(strict, kind, status):
    url, size = urlsplit(strict), 4 << 20
    head = f"POST /api/colorize HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n"
    head += f"Content-Type: {kind}\r\nContent-Length: {size}\r\n\r\n"
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(head.encode())
        for _ in range(4):
            connection.sendall(bytes(size // 4))
            time.sleep(0.1)
        assert connection.recv(100).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize("size", [(1001, 1000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_too_many_pixels_are_refused_before_decoding(strict, size):
    assert refusal(strict, png_header(*size)) == (413, "too-many-pixels")


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "video/mp4", "x"])
def test_other_content_types_are_refused(strict, kind):
    assert refusal(strict, photo(), {"Content-Type": kind}) == (415, "not-a-photo-type")


@pytest.mark.parametrize("data", [b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"])
def test_a_body_that_is_not_an_image_is_refused(strict, data):
    assert refusal(strict, data) == (415, "no-image")


def test_a_damaged_photo_is_refused(strict):
    assert refusal(strict, photo(300, 300)[:-2000]) == (422, "damaged")
    assert refusal(strict, png_header(10, 900)) == (422, "damaged")


def test_a_missing_photo_and_too_many_photos_are_refused(strict):
    assert refusal(strict) == (422, "no-photo")
    several = [("photo", ("a.jpg", photo()))] * 2
    assert refusal(strict, headers={}, files=several) == (422, "several-photos")
    assert refusal(strict, headers={}, files=several * 2) == (422, "too-many-photos")
    empty = {"photo": ("", b"")}
    assert refusal(strict, headers={}, files=empty) == (422, "no-photo")


@pytest.mark.parametrize("form", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_malformed_form_is_refused(strict, form):
    assert refusal(strict, b"--y\r\nnothing", {"Content-Type": form})[0] == 422


def test_the_first_frame_of_an_animation_is_colorized_and_a_long_one_is_refused(strict):
    response = requests.post(f"{strict}/api/colorize", animation(3), headers=JPEG, timeout=60)
    assert response.status_code == 200
    assert refusal(strict, animation(4)) == (422, "too-many-frames")


@pytest.mark.parametrize(
    "query", [{"strength": "nan"}, {"strength": -1}, {"strength": 2.1}, {"format": "bmp"}]
)
def test_an_invalid_parameter_is_named(strict, query):
    response = requests.post(
        f"{strict}/api/colorize", photo(), params=query, headers=JPEG, timeout=60
    )
    assert response.status_code == 422
    assert response.json()["message"].startswith(next(iter(query)))


def test_a_photo_that_is_too_long_for_the_requested_format_is_refused(strict):
    response = requests.post(
        f"{strict}/api/colorize?format=webp", photo(10, 20_000), headers=JPEG, timeout=60
    )
    assert response.json()["code"] == "too-long-for-format"


def test_a_slow_upload_is_refused(strict):
    def trickle():
        for _ in range(30):
            yield b"x"
            time.sleep(0.1)

    assert refusal(strict, trickle()) == (408, "slow-upload")


def test_messages_are_in_french_if_the_client_prefers_it(strict):
    headers = {"Accept-Language": "fr"}
    response = requests.post(f"{strict}/api/colorize", headers=headers, timeout=60)
    assert response.json()["message"] == "Aucune photo n’a été envoyée"


@pytest.fixture
def sending():
    """A function that sends photos in the background and returns a growing list of statuses."""
    threads, statuses = [], []

    def send(address, count=1):
        def one():
            response = requests.post(f"{address}/api/colorize", photo(), headers=JPEG, timeout=60)
            statuses.append(response.status_code)

        for _ in range(count):
            threads.append(threading.Thread(target=one))
            threads[-1].start()
        return statuses

    yield send
    for thread in threads:
        thread.join(60)


def in_progress(address):
    text = requests.get(f"{address}/metrics", timeout=60).text
    return float(text.split("requests_in_progress ")[-1].split()[0])


def test_requests_wait_while_the_queue_has_room(slow, sending):
    limits = Limits(workers=1, waiting=2)
    with serve(create_app(colorizer(slow), limits)) as address:
        statuses = sending(address, 3)
        wait_until(lambda: in_progress(address) == 3)
        response = requests.post(f"{address}/api/colorize", photo(), headers=JPEG, timeout=60)
        assert response.status_code == 503
        assert response.json()["code"] == "busy"
        assert int(response.headers["Retry-After"]) > 0
        slow.may_respond.set()
        wait_until(lambda: statuses == [200] * 3)


def test_an_address_has_a_limited_number_of_requests(slow, sending):
    with serve(create_app(colorizer(slow), Limits(workers=1, per_client=2))) as address:
        statuses = sending(address, 2)
        wait_until(lambda: in_progress(address) == 2)
        assert refusal(address, photo()) == (429, "too-many")
        slow.may_respond.set()
        wait_until(lambda: statuses == [200] * 2)
        response = requests.post(f"{address}/api/colorize", photo(), headers=JPEG, timeout=60)
        assert response.status_code == 200


def test_a_photo_that_takes_too_long_is_refused_and_occupies_its_worker_until_it_ends(slow):
    with serve(create_app(colorizer(slow), Limits(workers=1, seconds=3))) as address:
        assert refusal(address, photo()) == (503, "too-slow")
        assert refusal(address, photo()) == (503, "too-slow")
        assert slow.calls == 1
        slow.may_respond.set()
        wait_until(lambda: post_status(address) == 200)


def post_status(address):
    return requests.post(f"{address}/api/colorize", photo(), headers=JPEG, timeout=60).status_code


def test_a_request_is_skipped_if_its_client_left_while_waiting(slow, sending):
    with serve(create_app(colorizer(slow), Limits(workers=1))) as address:
        statuses = sending(address)
        wait_until(lambda: slow.calls == 1)
        with suppress(requests.exceptions.ReadTimeout):
            requests.post(f"{address}/api/colorize", photo(), headers=JPEG, timeout=0.5)
        wait_until(lambda: in_progress(address) == 2)
        slow.may_respond.set()
        wait_until(lambda: statuses == [200] and in_progress(address) == 0)
        assert slow.calls == 2  # the two sizes of the first photo


def test_the_service_responds_while_photos_are_processed(slow, sending):
    with serve(create_app(colorizer(slow), Limits(workers=1))) as address:
        sending(address)
        wait_until(lambda: slow.calls == 1)
        assert requests.get(f"{address}/healthz", timeout=5).ok
        slow.may_respond.set()


@pytest.mark.parametrize("name", ["size", "pixels", "workers", "seconds"])
def test_a_limit_below_its_minimum_is_named(name):
    with pytest.raises(ValueError, match=f"`{name}` must be at least 1, received 0"):
        Limits(**{name: 0})
