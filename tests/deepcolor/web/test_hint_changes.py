"""Changes of hints that come early, late or by another way than expected."""

import io

import numpy as np
import pytest
from PIL import Image
from tests.support.visitor import Visitor
from tests.support.web_service import photo

pytestmark = pytest.mark.slow

RED, BLUE = "#d02020", "#2040d0"
CHOOSE = """([color, then]) => {
  const picker = document.getElementById("hint-color");
  picker.value = color;
  picker.dispatchEvent(new Event("input"));
  if (then) document.getElementById(then).click();
}"""


@pytest.fixture
def visitor(chromium, address):
    with Visitor(chromium, address) as visitor:
        visitor.add_photos(("a.png", photo(240, 320, "PNG")))
        visitor.wait_for_preview()
        visitor.page.click("#correct")
        yield visitor


def at(visitor, across, down=0.5):
    box = visitor.page.locator("#compare").bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def add(visitor, color, across):
    visitor.page.mouse.click(*at(visitor, across))
    visitor.page.wait_for_selector(".swatch")
    visitor.page.fill("#hint-color", color)
    visitor.wait_for_preview()


def redness(data):
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)[112:128, 72:88]
    return float((pixels[..., 0] - pixels[..., 2]).mean())


def test_a_download_right_after_a_choice_has_its_color(visitor):
    before = redness(visitor.download()[1])
    visitor.page.mouse.click(*at(visitor, 0.25))
    visitor.page.wait_for_selector(".swatch")
    with visitor.page.expect_download() as download:
        visitor.page.evaluate(CHOOSE, [RED, "download"])
    early = redness(download.value.path().read_bytes())
    assert early > before + 10
    visitor.wait_for_preview()
    assert redness(visitor.download()[1]) == pytest.approx(early, abs=1)


def test_a_photo_keeps_its_colors_if_the_connection_is_lost(chromium, address):
    with Visitor(chromium, address, expected_errors=["ERR_FAILED"]) as visitor:
        page = visitor.page
        page.route("**/chroma.onnx*", lambda route: route.abort())
        visitor.add_photos(("a.png", photo(240, 320, "PNG")))
        page.click("#correct")
        page.mouse.click(*at(visitor, 0.25))
        page.fill("#hint-color", RED)
        page.wait_for_selector("#status:text-is('a.png: connection lost')")
        visitor.wait_for_preview()
        assert page.locator(".marker").count() == 0 and page.is_enabled("#download")
        before = redness(visitor.download()[1])
        page.unroute("**/chroma.onnx*")
        add(visitor, RED, 0.25)
        assert redness(visitor.download()[1]) > before + 10


def test_clicking_and_dragging_a_marker_adds_none(visitor):
    add(visitor, RED, 0.25)
    add(visitor, BLUE, 0.75)
    visitor.page.mouse.click(*at(visitor, 0.25))
    assert visitor.page.get_attribute(".marker", "aria-pressed") == "true"
    visitor.page.mouse.down()
    visitor.page.mouse.move(*at(visitor, 0.4))
    visitor.page.mouse.move(*at(visitor, 0.5))
    visitor.page.mouse.up()
    visitor.wait_for_preview()
    assert visitor.page.locator(".marker").count() == 2
    assert visitor.page.locator(".is-draft").count() == 0


def test_delete_removes_the_marker_that_has_the_focus(visitor):
    add(visitor, RED, 0.25)
    visitor.page.focus(".marker")
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("Delete")
    visitor.wait_for_preview()
    assert visitor.page.locator(".marker").count() == 0


def test_one_use_of_the_color_picker_is_one_change(visitor):
    visitor.page.mouse.click(*at(visitor, 0.25))
    visitor.page.wait_for_selector(".swatch")
    for color in ("#d02020", "#d06020", "#d0a020"):
        visitor.page.evaluate(CHOOSE, [color, None])
    visitor.page.click("#hint-undo")
    assert visitor.page.locator(".marker").count() == 0
    assert visitor.page.is_disabled("#hint-undo")


def test_a_photo_can_be_removed_and_put_back_while_its_colors_change(visitor):
    visitor.page.mouse.click(*at(visitor, 0.25))
    visitor.page.wait_for_selector(".swatch")
    visitor.page.evaluate(CHOOSE, [RED, "remove"])
    visitor.page.keyboard.press("Control+z")  # of a photo that is gone
    visitor.page.click("#undo")
    visitor.wait_for()
    visitor.wait_for_preview()
    assert visitor.page.locator(".marker").count() == 1
    before = redness(photo(240, 320, "PNG"))
    assert redness(visitor.download()[1]) > before + 10


def test_a_color_from_the_picture_can_be_that_below_a_marker(visitor):
    add(visitor, RED, 0.75)
    visitor.page.mouse.click(*at(visitor, 0.25))
    visitor.page.click("#hint-pick")
    assert visitor.page.get_attribute("#hint-pick", "aria-pressed") == "true"
    visitor.page.mouse.click(*at(visitor, 0.75))
    visitor.wait_for_preview()
    assert visitor.page.locator(".marker:not(.is-draft)").count() == 2
