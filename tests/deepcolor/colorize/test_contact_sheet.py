import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from deepcolor.colorize.contact_sheet import SIDE, SheetEntry, check_sheet, write_sheet
from deepcolor.errors import DeepColorError


def pictures(text):
    """Return the pictures of a sheet by their links."""
    found = re.findall(r'<a href="([^"]+)"><img alt="" src="data:image/jpeg;base64,([^"]+)">', text)
    return {link: Image.open(io.BytesIO(base64.b64decode(data))) for link, data in found}


def test_a_sheet_shows_every_result_and_what_has_none(tmp_path):
    results = tmp_path / "colored"
    results.mkdir()
    red = np.full((60, 1200, 3), (200, 30, 30), np.uint8)
    for name in ("Été 1931.png", "b.jpg", "c.tif", "d.webp"):
        Image.fromarray(red).save(results / name)
    entries = [SheetEntry(path.name, path) for path in sorted(results.iterdir())]
    entries += [SheetEntry("<lost>.jpg", None, "the file is empty")]
    entries += [SheetEntry("film.mp4", results / "film.mp4")]
    entries += [SheetEntry("gone.jpg", results / "gone.jpg")]
    target = tmp_path / "sheets" / "album.html"
    write_sheet(entries, "4 colorized, 1 failed", target)
    text = target.read_text("utf-8")
    shown = pictures(text)
    assert "../colored/%C3%89t%C3%A9%201931.png" in shown and len(shown) == 4
    for small in shown.values():
        assert small.size == (SIDE, SIDE // 20)
        assert np.abs(np.asarray(small).mean((0, 1)) - red[0, 0]).max() < 4
    assert "<p>the file is empty</p>&lt;lost&gt;.jpg" in text and "<p>film</p>" in text
    assert "cannot be shown" in text and "<h1>4 colorized, 1 failed</h1>" in text


def test_a_sheet_is_a_web_page_and_replaces_only_a_sheet(tmp_path):
    with pytest.raises(DeepColorError, match=r"must end in \.html or \.htm, received .*\.pdf"):
        check_sheet(tmp_path / "album.pdf", False)
    target = tmp_path / "album.html"
    target.write_text("<p>mine</p>")
    with pytest.raises(DeepColorError, match="exists; --force"):
        check_sheet(target, False)
    check_sheet(target, True)
    write_sheet([], "0 colorized", target)
    check_sheet(target, False)


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DeepColorError, match="cannot write"):
        write_sheet([], "", tmp_path / "file" / "album.html")
