"""Taking results, and what is said of photos that cannot be kept exactly or not be colorized."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from tests.support.visitor import Visitor
from tests.support.web_service import decode, photo

pytestmark = pytest.mark.slow


@pytest.fixture
def visitor(chromium, service):
    with Visitor(chromium, service) as visitor:
        yield visitor


def encode(image, form):
    file = io.BytesIO()
    image.save(file, form, lossless=True)
    return file.getvalue()


def test_the_result_is_an_image_that_a_mouse_can_reach(visitor):
    visitor.add_photos(("a.jpg", photo(300, 400)))
    hit = visitor.page.evaluate(
        """() => {
          const box = document.getElementById("compare").getBoundingClientRect();
          const [x, y] = [box.left + box.width * 0.8, box.top + box.height * 0.8];
          return document.elementFromPoint(x, y).id;
        }"""
    )
    assert hit == "after"
    assert visitor.page.get_attribute("#after", "alt") == "a.jpg, in color"
    assert visitor.pixels().size == (400, 300)


def test_before_and_after_are_downloaded_as_one_picture(visitor):
    visitor.add_photos(("a.jpg", photo(300, 400)))
    name, data = visitor.download("#pair")
    assert name == "a-before-after.jpg"
    width, height = decode(data).size
    assert width == 2 * 400 + 8 and height > 300


def test_the_full_size_can_be_looked_at_and_copied(chromium, service):
    permissions = ["clipboard-read", "clipboard-write"]
    with Visitor(chromium, service, permissions=permissions) as visitor:
        page = visitor.page
        visitor.add_photos(("a.jpg", photo(1000, 1500)))
        page.click("#zoom")
        page.wait_for_selector("#full[open]")
        assert page.locator("#full-image").bounding_box()["width"] == 1500
        page.keyboard.press("Escape")
        page.click("#copy")
        page.wait_for_selector("text=a.jpg was copied")
        types = page.evaluate("navigator.clipboard.read().then(([item]) => item.types)")
        assert types == ["image/png"]


def test_a_long_rendering_can_be_canceled(visitor):
    visitor.add_photos(("a.png", photo(4000, 6000, "PNG")))
    visitor.page.click("#download")
    visitor.page.wait_for_selector("#download:has-text('Cancel (')")
    visitor.page.click("#download")
    visitor.page.wait_for_selector("#status:text-is('Canceled')")
    assert visitor.page.inner_text("#download") == "Download"


def test_a_double_click_downloads_once(visitor):
    visitor.add_photos(("a.jpg", photo(300, 400)))
    with visitor.page.expect_download() as download:
        visitor.page.dblclick("#download")
    assert download.value.suggested_filename == "a-colorized.jpg"
    visitor.page.wait_for_selector("text=a-colorized.jpg was downloaded")


def test_a_button_that_works_has_its_label_in_the_new_language_afterward(visitor):
    visitor.add_photos(("a.png", photo(3000, 4000, "PNG")))
    with visitor.page.expect_download():
        visitor.page.click("#download")
        visitor.page.click("text=Français")
    visitor.page.wait_for_selector("#download:text-is('Télécharger')")


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_transparency_and_format_are_kept(visitor, form):
    pixels = np.full((60, 80, 4), 128, np.uint8)
    pixels[:30, :, 3] = 0
    visitor.add_photos((f"a.{form.lower()}", encode(Image.fromarray(pixels), form)))
    name, data = visitor.download()
    image = decode(data)
    assert name == f"a-colorized.{form.lower()}" and image.format == form
    assert not np.asarray(image)[:30, :, 3].any() and (np.asarray(image)[30:, :, 3] == 128).all()
    assert b"algorithmicallyEnhanced" in data


def huge_png():
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jpg", b"", "the file is empty"),
        ("a.png", huge_png(), "it has 400 megapixels; the most here are 100"),
        ("a.heic", b"\0\0\0\x18ftypheic" + bytes(40), "cannot read HEIC"),
    ],
    ids=["empty", "huge", "heic"],
)
def test_a_photo_that_cannot_be_colorized_is_told_with_the_reason(visitor, name, data, message):
    visitor.page.check("#on-device")
    visitor.add_photos((name, data), state="failed")
    assert message in visitor.page.inner_text("#state")


def test_a_photo_in_color_and_one_of_16_bits_are_told(visitor):
    color = np.random.default_rng(0).integers(0, 255, (6, 8, 3), np.uint8)
    color = Image.fromarray(color).resize((160, 120))
    deep = Image.fromarray(np.full((60, 80), 30_000, np.uint16))
    visitor.add_photos(("color.png", encode(color, "PNG")), ("deep.png", encode(deep, "PNG")))
    assert "already in color" in visitor.page.inner_text("#note")
    visitor.page.click("#thumbnails li:nth-child(2) button")
    assert "16 bits" in visitor.page.inner_text("#note")


def test_dropped_text_is_answered(visitor):
    transfer = visitor.page.evaluate_handle(
        """() => {
          const transfer = new DataTransfer();
          transfer.setData("text/plain", "https://x.org/a.jpg");
          return transfer;
        }"""
    )
    visitor.page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    assert "Only image files" in visitor.page.inner_text("#status")
