"""Malformed uploads neither make the service fail nor leak memory.

The number is small by default. To try 2,000 of each kind, run

    FUZZ=2000 pytest -s tests/deepcolor/web/test_fuzz.py
"""

import gc
import io
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from PIL import Image
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.support.web_service import photo

NUMBER = int(os.environ.get("FUZZ", "80"))
GROWTH = 48 << 20  # bytes; allocators keep some memory, a leak would grow with the number
FORMS = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "BMP": "bmp", "TIFF": "tiff"}


def originals():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x0132] = 6, "grandma", "1948:06:07 10:00:00"
    files = [photo(48, 64, form) for form in FORMS]
    files += [photo(48, 64, form, exif=exif) for form in ("JPEG", "PNG", "WEBP", "TIFF")]
    files.append(photo(48, 64, "TIFF", compression="tiff_lzw"))
    deep = io.BytesIO()
    Image.fromarray(np.arange(48 * 64, dtype=np.uint16).reshape(48, 64)).save(deep, "PNG")
    return [*files, deep.getvalue()]


def flipped(data, random):
    count = random.integers(1, 20)
    data[random.integers(0, len(data), count)] = random.integers(0, 256, count)
    return data


def broken_head(data, random):
    data[random.integers(0, min(len(data), 200), 4)] = random.integers(0, 256, 4)
    return data


def cut(data, random):
    return data[: random.integers(0, len(data))]


def doubled(data, random):
    at = random.integers(0, len(data))
    return np.concatenate([data[:at], data[random.integers(0, at + 1) :]])


def lengthened(data, random):
    at, junk = random.integers(0, len(data)), random.integers(0, 256, 50).astype(np.uint8)
    return np.concatenate([data[:at], junk, data[at:]])


def extreme(data, random):
    at = random.integers(0, max(1, len(data) - 4))
    data[at : at + 4] = random.choice([0, 0x7F, 0x80, 0xFF])
    return data


MUTATIONS = [flipped, broken_head, cut, doubled, lengthened, extreme]


def mutated(data, random):
    content = np.frombuffer(data, np.uint8).copy()
    for _ in range(random.integers(1, 4)):
        if len(content):
            content = random.choice(MUTATIONS)(content, random)
    return content.tobytes()


def resident():
    """Return the resident memory, in bytes, of this process, in which the service runs."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc to read memory from")
def test_mutated_photos_are_colorized_or_refused_and_leak_no_memory(service):
    random, files, statuses = np.random.default_rng(NUMBER), originals(), Counter()
    session, memory = requests.Session(), []
    for index in range(NUMBER):
        if index % (NUMBER // 4) == 0:
            memory.append(resident())
        data = mutated(files[index % len(files)], random)
        path = ("/api/colorize", "/api/chroma", "/colorize")[index % 3]
        if path == "/colorize" or index % 2:
            response = session.post(
                f"{service}{path}", files={"photo": ("a.jpg", data)}, timeout=60
            )
        else:
            headers = {"Content-Type": "application/octet-stream"}
            response = session.post(f"{service}{path}", data, headers=headers, timeout=60)
        statuses[response.status_code] += 1
        assert response.status_code in (200, 413, 415, 422), (index, response.text)
    memory.append(resident())
    quarters = [f"{size / 1e6:.0f}" for size in memory]
    print(f"{NUMBER} mutated photos: {dict(statuses)}; MB after each quarter: {quarters}")
    assert memory[-1] - memory[1] < GROWTH


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


# A request without parameters cannot be invalid: no negative cases for these.
OPERATIONS = [
    ("POST", path, mode) for path in ("/api/colorize", "/api/chroma") for mode in GenerationMode
]
OPERATIONS += [("GET", path, GenerationMode.POSITIVE) for path in ("/healthz", "/metrics")]


@pytest.mark.parametrize(("method", "path", "mode"), OPERATIONS)
def test_the_service_conforms_to_its_openapi(service, method, path, mode):
    description = schemathesis.openapi.from_url(f"{service}/openapi.json")
    operation = description[path][method]

    @settings(
        max_examples=max(10, NUMBER // 4),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def keeps(case):
        case.call_and_validate(checks=CHECKS, timeout=60)

    keeps()
