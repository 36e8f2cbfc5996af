"""Files that are expensive, foreign or damaged, through the command and the decoder."""

import io
import os
import resource
import time

import numpy as np
import pytest
from PIL import Image
from tests.support import hostile_photos as hostile
from tests.support.photos import content, packed_tiff, tiff
from typer.testing import CliRunner

from colorization.data.image_io import UnreadablePhotoError, decode_photo
from deepcolor.cli import app
from deepcolor.colorize.decoder_process import DecodeLimits
from deepcolor.colorize.photo_decoder import PhotoDecoder
from deepcolor.colorize.photo_file import read_photo_file

SOUND = content(Image.fromarray(np.full((20, 30), 99, np.uint8)), "JPEG")
EXPENSIVE = {
    "two sizes, 12 bits": (lambda: hostile.tiff_of_two_sizes(bits=12), "size is given twice"),
    "two sizes, 16 bits": (lambda: hostile.tiff_of_two_sizes(bits=16), "size is given twice"),
    "strips": (lambda: hostile.tiff_of_many_strips(4_000_000), "over 524,288 strips"),
    "scans": (lambda: hostile.jpeg_of_many_scans(60_000), "over 100 scans"),
}
FOREIGN = {"PostScript": hostile.POSTSCRIPT, "FITS": hostile.fits(40_000)}


def cpu_seconds():
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


@pytest.mark.attack
@pytest.mark.parametrize("name", EXPENSIVE)
@pytest.mark.parametrize("read", [read_photo_file, decode_photo])
def test_an_expensive_file_is_refused_before_it_is_decoded(name, read):
    make, reason = EXPENSIVE[name]
    data, before = make(), cpu_seconds()
    with pytest.raises(UnreadablePhotoError, match=reason):
        read(data)
    assert cpu_seconds() - before < 2


@pytest.mark.attack
def test_only_the_first_frame_of_an_animation_is_decoded():
    data, before = hostile.gif_of_many_frames(64), cpu_seconds()
    assert read_photo_file(data).pixels.shape[:2] == (7000, 7000)
    with pytest.raises(UnreadablePhotoError) as raised:
        read_photo_file(data, max_frames=32)
    assert raised.value.kind == "too many frames"
    assert cpu_seconds() - before < 10


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("read", [read_photo_file, decode_photo])
def test_a_format_that_is_not_documented_is_not_opened_whatever_its_name(read, data):
    with pytest.raises(UnreadablePhotoError, match="not an image, or not one of"):
        read(data)


@pytest.mark.parametrize(
    "data",
    [
        content(Image.new("L", (60, 50)), "JPEG", progressive=True),
        tiff(np.zeros((50, 60), np.uint16), rowsperstrip=1),
        packed_tiff(np.zeros((50, 60, 3), np.uint16), 12, photometric=2),
    ],
    ids=["progressive JPEG", "strips", "12 bits"],
)
def test_an_honest_file_of_the_same_kind_is_read(data):
    assert read_photo_file(data).pixels.shape[:2] == (50, 60)
    assert decode_photo(data).size == (60, 50)


def gps_tiff(tag, kind, count, value):
    """A TIFF of a black pixel with one entry of GPS."""
    place = 8 + 2 + 12 * 9 + 4
    tags = [(t, 3, 1, v) for t, v in ((256, 1), (257, 1), (258, 8), (259, 1), (262, 1))]
    tags += [(273, 4, 1, 8), (278, 4, 1, 1), (279, 4, 1, 1), (0x8825, 4, 1, place)]
    gps = hostile.tiff_of_tags([(tag, kind, count, value % (1 << 32))])[8:]
    return hostile.tiff_of_tags(tags, gps)


@pytest.mark.parametrize(
    "entry", [(6, 9, 1, -5), (6, 10, 1, 8), (2, 2, 4, int.from_bytes(b"48N\0", "little"))]
)
def test_a_place_that_makes_no_sense_costs_the_place_and_not_the_photo(entry):
    photo = read_photo_file(gps_tiff(*entry))
    assert photo.pixels.shape == (1, 1)
    assert all("is left out" in note for note in photo.notes)


@pytest.mark.attack
def test_a_decoder_that_takes_too_long_is_ended_and_the_next_photo_is_read():
    slow = content(Image.new("RGB", (9000, 9000)), "PNG")
    with PhotoDecoder(DecodeLimits(seconds=0.05)) as decoder:
        with pytest.raises(UnreadablePhotoError, match=r"longer than 0\.05 seconds"):
            decoder.read(slow)
        decoder._limits = DecodeLimits()
        assert decoder.read(SOUND).pixels.shape == (20, 30)


@pytest.mark.attack
def test_a_decoder_cannot_take_more_memory_than_its_limit():
    large = content(Image.new("RGB", (9900, 9900)), "PNG")
    with PhotoDecoder(DecodeLimits(memory=400 << 20)) as decoder:
        with pytest.raises(UnreadablePhotoError, match="memory"):
            decoder.read(large)
        assert decoder.read(SOUND).pixels.shape == (20, 30)


@pytest.mark.attack
def test_what_is_no_regular_file_is_named_and_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "zero.jpg").symlink_to("/dev/zero")
    (tmp_path / "sound.jpg").write_bytes(SOUND)
    named = [str(tmp_path / "pipe.jpg"), str(tmp_path / "zero.jpg")]
    output = ["-o", str(tmp_path / "colored")]
    done = CliRunner().invoke(app, ["colorize", *named, str(tmp_path), *output])
    assert done.exit_code == 1
    assert done.output.count("not a regular file") >= 2
    assert (tmp_path / "colored/sound.jpg").exists()


def documented_files():
    """Return a small photo in each documented format that Pillow writes here."""
    image = Image.fromarray(np.arange(40 * 60 * 3, dtype=np.uint8).reshape(40, 60, 3))
    forms = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "PPM", "JPEG2000")
    files = {form: content(image, form) for form in forms}
    deep = np.arange(40 * 60, dtype=np.uint16).reshape(40, 60)
    return files | {"16 bits": tiff(deep), "12 bits": packed_tiff(deep[..., None] % 4096, 12)}


@pytest.mark.attack
def test_mutated_files_end_with_a_result_or_one_line_each(tmp_path):
    count = int(os.environ.get("FUZZ", "110"))
    files = documented_files()
    for kind, data in files.items():
        for number, copy in enumerate(hostile.mutations(data, count // len(files), seed=count)):
            (tmp_path / f"{kind}-{number}.jpg").write_bytes(copy)
    (tmp_path / "sound.jpg").write_bytes(SOUND)
    started = time.monotonic()
    done = CliRunner().invoke(
        app, ["colorize", str(tmp_path), "-o", str(tmp_path / "out"), "--fast"]
    )
    lines = [line for line in done.output.splitlines() if line.startswith(("✓", "✗", "- "))]
    failed = sum(line[0] == "✗" for line in lines)
    assert len(lines) == count // len(files) * len(files) + 1
    assert done.exit_code == (1 if failed else 0)
    assert "Traceback" not in done.output and "object has no" not in done.output
    assert any("sound.jpg" in line for line in lines if line[0] == "✓")
    assert time.monotonic() - started < 60 + count * 2


@pytest.mark.attack
def test_a_name_with_a_line_end_or_an_escape_is_printed_on_one_line(tmp_path):
    (tmp_path / "a\nb\x1b[2J.jpg").write_bytes(SOUND)
    (tmp_path / "broken\n.jpg").write_bytes(SOUND[:100])
    done = CliRunner().invoke(app, ["colorize", str(tmp_path), "-o", str(tmp_path / "out")])
    assert [line[0] for line in done.output.splitlines()] == ["2", "✓", "✗", "1"]
    assert "a\\nb\\x1b[2J.jpg" in done.output and "\x1b" not in done.output


def test_a_file_of_nothing_is_refused():
    with PhotoDecoder() as decoder, pytest.raises(UnreadablePhotoError, match="empty"):
        decoder.read(io.BytesIO().getvalue())
