"""An album of 200 mixed files in one run: nothing is lost, nothing is silent, memory is flat."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.support.files import run_without_override, touch
from tests.support.films import record, save_red_network

from colorization.data.photo_formats import FORMATS, PILLOW_FORMATS
from deepcolor.colorize.contact_sheet import GENERATOR
from deepcolor.colorize.find_photos import FILMS
from deepcolor.colorize.photo_file import read_photo_file
from deepcolor.colorize.provenance import is_tagged

pytestmark = pytest.mark.slow
DEEPCOLOR = Path(sys.executable).parent / "deepcolor"
READ = [form for form in FORMATS if form.pillow in PILLOW_FORMATS]
UNREAD = [form for form in FORMATS if form.pillow not in PILLOW_FORMATS]
BROKEN = {"empty.jpg": b"", "text.png": b"no photo", "page.webp": b"<!DOCTYPE html><html>"}
FILES = 200
SIDE = 1600  # of the photos of the test of memory
SPARED = 60e6  # bytes by which the peak may grow from 6 to 60 large photos: not one photo more


def write_photo(path, form, number, side=40):
    """Write a gray photo that differs from all others."""
    ramp = np.linspace(number % 100, 155 + number % 100, side)
    gray = Image.fromarray(np.tile(ramp.astype(np.uint8), (side * 3 // 4, 1)))
    path.parent.mkdir(parents=True, exist_ok=True)
    if form.suffix == ".pbm":
        gray = gray.convert("1")
    if form.suffix == ".mpo":
        gray.save(path, "MPO", save_all=True, append_images=[gray])
    else:
        gray.save(path, form.pillow)


def write_album(folder):
    """Write 200 files: every format, films, three broken ones, and one in a closed folder."""
    for number, (name, content) in enumerate(BROKEN.items()):
        touch(folder / f"broken-{number}" / name, content)
    for form in UNREAD:
        touch(folder / "phone" / f"photo{form.suffix}", b"\0\0\0\x20ftypheic")
    (folder / "films").mkdir()
    for suffix in (".mp4", ".avi"):
        record(folder / "films" / f"film{suffix}")
    touch(folder / "closed" / "hidden.jpg", b"")
    written = len(BROKEN) + len(UNREAD) + 3
    for number in range(FILES - written):
        form = READ[number % len(READ)]
        suffix = form.suffix.upper() if number % 3 == 0 else form.suffix
        write_photo(folder / f"{1900 + number % 7}" / f"Été {number}{suffix}", form, number)
    return FILES - written + 2  # photos and films that have a result


@contextmanager
def closed(folder):
    folder.chmod(0)
    try:
        yield
    finally:
        folder.chmod(0o755)


def results(folder):
    """Return the results in a folder, and check that each can be read and is tagged."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".html"]
    for path in found:
        assert ".part" not in path.name
        if path.suffix not in FILMS:
            assert is_tagged(read_photo_file(path.read_bytes()).exif), path
    return {path.relative_to(folder): path.read_bytes() for path in found}


def test_an_album_of_200_files_in_one_run(tmp_path):
    album, out = tmp_path / "album", tmp_path / "out"
    good = write_album(album)
    network = save_red_network(tmp_path / "red.onnx")
    sheet = tmp_path / "album.html"
    command = [DEEPCOLOR, "colorize", album, "-o", f"{out}/", "--model", network]
    with closed(album / "closed"):
        done = run_without_override([*command, "--contact-sheet", sheet], timeout=1200)
    lines = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 1, lines
    assert len(results(out)) == good
    failed = len(BROKEN) + len(UNREAD) + 1
    assert any(f"{good} colorized, {failed} failed" in line for line in lines)
    # Each file has a line of its own; a closed folder has one for all that it may hold.
    for path in album.rglob("*"):
        if path.is_file() and path.parent.name != "closed":
            place = str(path.relative_to(album).with_suffix(""))
            assert any(place in line for line in lines), path
    assert any("closed" in line and "cannot be read" in line for line in lines)
    text = sheet.read_text("utf-8")
    assert text.count("<figure>") == good + failed and GENERATOR in text

    before = results(out)
    with closed(album / "closed"):
        again = run_without_override(command, timeout=600)
    assert again.returncode == 1 and f"{good} done before, {failed} failed" in again.stdout
    assert results(out) == before


def test_a_killed_run_is_finished_by_the_next(tmp_path):
    album, out = tmp_path / "album", tmp_path / "out"
    forms = [form for form in READ if form.writable]
    for number in range(60):
        form = forms[number % len(forms)]
        write_photo(album / f"photo{number}{form.suffix}", form, number, side=300)
    network = save_red_network(tmp_path / "red.onnx")
    command = [DEEPCOLOR, "colorize", album, "-o", f"{out}/", "--model", network]
    for least in (5, 15):
        process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL)
        end = time.monotonic() + 300
        while len(list(out.glob("photo*"))) < least:
            assert time.monotonic() < end and process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        whole = {path.name for path in out.glob("photo*")}
        assert least <= len(whole) < 60
        for name in whole:
            assert is_tagged(read_photo_file((out / name).read_bytes()).exif)
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0
    found = re.search(r"(\d+) done before, (\d+) new", done.stdout)
    assert found and int(found[1]) == len(whole) and int(found[1]) + int(found[2]) == 60
    assert len(results(out)) == 60


MEASURE = """
import resource, sys
from pathlib import Path
from rich.console import Console
from deepcolor.colorize.batch import colorize_files
from deepcolor.colorize.plan import ColorizeOptions
options = ColorizeOptions(Path(sys.argv[3]), fast=True, force=True)
console = Console(file=sys.stderr)
assert colorize_files([sys.argv[1]], sys.argv[2], options, console, console) == 0
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def test_memory_does_not_grow_with_the_number_of_photos(tmp_path):
    network = save_red_network(tmp_path / "red.onnx")
    peaks = []
    for count in (6, 60):
        album = tmp_path / f"album-{count}"
        for number in range(count):
            form = READ[0] if number % 2 else next(f for f in READ if f.pillow == "TIFF")
            write_photo(album / f"photo{number}{form.suffix}", form, number, side=SIDE)
        command = [sys.executable, "-c", MEASURE, album, f"{tmp_path}/out-{count}/", network]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout.split()[-1]))
    assert peaks[1] - peaks[0] < SPARED, peaks
