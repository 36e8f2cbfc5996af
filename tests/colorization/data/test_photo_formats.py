import pytest

from colorization.data.photo_formats import (
    FORMATS,
    NOT_READ,
    SUFFIXES,
    explain_unknown,
    is_photo_name,
)


@pytest.mark.parametrize("suffix", [".jpg", ".jpe", ".jfif", ".avif", ".jp2", ".pgm", ".heic"])
def test_photos_of_every_suffix_are_known(suffix):
    assert suffix in SUFFIXES


def test_no_suffix_is_listed_twice():
    suffixes = [form.suffix for form in FORMATS]
    assert len(set(suffixes)) == len(suffixes) and not SUFFIXES & NOT_READ.keys()


def test_hidden_files_are_no_photos(tmp_path):
    names = ["a.jpg", "sub/B.PNG", "__MACOSX/a.jpg", ".trash/c.jpg", "notes.txt", "._a.jpg"]
    assert [name for name in names if is_photo_name(tmp_path.relative_to(tmp_path) / name)] == [
        "a.jpg",
        "sub/B.PNG",
    ]


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (b"\0\0\0\x18ftypheic", "unsupported", "pip install pillow-heif"),
        (b"\0\0\0\x0cJXL \r\n", "unsupported", "pip install pillow-jxl-plugin"),
        (b"\0\0\0\x18ftypcrx ", "unsupported", "camera's raw file"),
        (b"8BPS\0\1", "unsupported", "Photoshop"),
        (b"%PDF-1.7", "unsupported", "PDF"),
        (b"\0\0\0\x18ftypisom", "unsupported", "a film"),
        (b"\n<!doctype HTML>", "unreadable", "a web page"),
        (b"PK\3\4", "unreadable", "a zip archive"),
        (b"\xff\xd8\xff\xe0", "unreadable", "its beginning is damaged"),
        (b"hello", "unreadable", "not an image, or not one of JPEG, PNG"),
    ],
)
def test_the_content_of_what_is_no_photo_is_named(data, kind, reason):
    explained, found = explain_unknown(data)
    assert reason in explained and found == kind
