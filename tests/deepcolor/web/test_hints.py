"""The visitor gives the colors of places."""

import io

import numpy as np
import pytest
from PIL import Image
from tests.support.axe import violations
from tests.support.visitor import Visitor
from tests.support.web_service import photo

pytestmark = pytest.mark.slow

RED, BLUE = "#d02020", "#2040d0"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def visitor(chromium, address):
    with Visitor(chromium, address) as visitor:
        start_correcting(visitor)
        yield visitor


def start_correcting(visitor):
    visitor.add_photos(("a.png", photo(240, 320, "PNG")))
    visitor.wait_for_preview()
    visitor.page.click("#correct")


def click(visitor, across, down):
    box = visitor.page.locator("#compare").bounding_box()
    visitor.page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])
    visitor.page.wait_for_selector(".swatch")


def give(visitor, color):
    visitor.page.fill("#hint-color", color)
    visitor.wait_for_preview()


def redness(visitor, across=0.25, down=0.5):
    """By how much red exceeds blue around a place of the picture."""
    pixels = np.asarray(visitor.pixels()).astype(int)
    row, column = int(down * pixels.shape[0]), int(across * pixels.shape[1])
    around = pixels[row - 8 : row + 8, column - 8 : column + 8]
    return float((around[..., 0] - around[..., 2]).mean())


def test_a_color_is_given_undone_and_removed(visitor):
    before = redness(visitor)
    click(visitor, 0.25, 0.5)
    assert redness(visitor) == pytest.approx(before, abs=1)
    give(visitor, RED)
    red = redness(visitor)
    assert red > before + 10
    give(visitor, BLUE)
    assert redness(visitor) < red - 20
    visitor.page.keyboard.press("Control+z")
    visitor.wait_for_preview()
    assert redness(visitor) == pytest.approx(red, abs=2)
    visitor.page.click("#hint-clear")
    visitor.wait_for_preview()
    assert redness(visitor) == pytest.approx(before, abs=1)
    assert visitor.page.locator(".marker").count() == 0


def test_a_swatch_is_a_likely_color_of_the_place(visitor):
    click(visitor, 0.25, 0.5)
    assert visitor.page.locator(".swatch").count() == 8
    visitor.page.click(".swatch:nth-child(3)")
    visitor.wait_for_preview()
    label = visitor.page.get_attribute(".marker", "aria-label")
    color = visitor.page.get_attribute(".swatch:nth-child(3)", "aria-label")
    assert label.split()[-1] == color.split()[-1]


def test_the_color_of_another_place_can_be_taken(visitor):
    click(visitor, 0.75, 0.5)
    give(visitor, RED)
    click(visitor, 0.25, 0.2)
    visitor.page.click("#hint-pick")
    box = visitor.page.locator("#compare").bounding_box()
    at = box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"]
    pixel = visitor.pixels().getpixel((int(0.7 * 320), 120))
    visitor.page.mouse.click(*at)
    visitor.wait_for_preview()
    taken = visitor.page.get_attribute(".marker:nth-child(2)", "aria-label").split()[-1]
    assert np.abs(np.subtract(list(bytes.fromhex(taken[1:])), pixel)).max() < 40
    assert visitor.page.locator(".marker").count() == 2
    click(visitor, 0.5, 0.8)  # the next click is a new place again
    assert visitor.page.locator(".marker").count() == 3


def test_a_marker_can_be_dragged(visitor):
    click(visitor, 0.25, 0.5)
    give(visitor, RED)
    here, there = redness(visitor), redness(visitor, 0.75)
    box = visitor.page.locator(".marker").bounding_box()
    visitor.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visitor.page.mouse.down()
    frame = visitor.page.locator("#compare").bounding_box()
    visitor.page.mouse.move(frame["x"] + 0.5 * frame["width"], frame["y"] + 0.5 * frame["height"])
    visitor.page.mouse.move(frame["x"] + 0.75 * frame["width"], frame["y"] + 0.5 * frame["height"])
    visitor.page.mouse.up()
    visitor.wait_for_preview()
    assert redness(visitor, 0.75) > there + 5
    assert redness(visitor) < here - 5


def test_the_keyboard_is_enough(chromium, address):
    with Visitor(chromium, address) as visitor:
        visitor.add_photos(("a.png", photo(240, 320, "PNG")))
        page = visitor.page
        page.focus("#correct")
        page.keyboard.press("Enter")
        page.focus("#hint-middle")
        page.keyboard.press("Enter")
        page.keyboard.press("Shift+ArrowLeft")
        page.wait_for_selector(".swatch")
        page.focus(".swatch")
        page.keyboard.press("Enter")
        visitor.wait_for_preview()
        assert page.evaluate("document.querySelector('.marker').style.left").startswith("45")
        assert "not chosen" not in page.get_attribute(".marker", "aria-label")
        page.focus(".marker")
        page.keyboard.press("Delete")
        visitor.wait_for_preview()
        assert page.locator(".marker").count() == 0
        page.focus("#hint-middle")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        assert page.locator(".marker").count() == 0


def test_by_keyboard_a_color_is_taken_from_another_place(visitor):
    page = visitor.page
    click(visitor, 0.75, 0.5)
    give(visitor, RED)
    click(visitor, 0.25, 0.5)
    page.focus("#hint-pick")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "sampler"
    page.keyboard.press("Escape")
    assert page.is_hidden("#sampler")
    assert page.evaluate("document.activeElement.id") == "hint-pick"
    page.keyboard.press("Enter")
    page.click("#correct")  # off
    assert page.is_hidden("#sampler")
    page.click("#correct")
    click(visitor, 0.25, 0.5)
    page.focus("#hint-pick")
    page.keyboard.press("Enter")
    for _ in range(9):
        page.keyboard.press("Shift+ArrowRight")
    there = page.get_attribute("#sampler", "aria-label").split(": ")[1][:7]
    pixel = list(visitor.pixels().getpixel((224, 120)))
    assert pixel == pytest.approx(list(bytes.fromhex(there[1:])), abs=4)
    page.keyboard.press("Enter")
    visitor.wait_for_preview()
    assert page.is_hidden("#sampler")
    assert page.get_attribute(".marker:nth-child(2)", "aria-label").split()[-1] == there
    assert page.evaluate("document.activeElement.className") == "marker"


def test_by_touch_picture_and_colors_are_in_view_together(chromium, address):
    with Visitor(chromium, address, **PHONE) as visitor:
        start_correcting(visitor)
        page = visitor.page
        frame = page.locator("#compare").bounding_box()
        at = (frame["x"] + 0.25 * frame["width"], frame["y"] + 0.5 * frame["height"])
        page.touchscreen.tap(*at)
        page.wait_for_selector(".swatch")
        for selector in ("#compare", ".swatch:last-child"):
            box = page.locator(selector).bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= 844, selector
        assert page.locator(".swatch").first.bounding_box()["height"] >= 24
        page.tap(".swatch:nth-child(2)")
        visitor.wait_for_preview()
        assert page.locator(".marker").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_correcting_is_accessible(chromium, address, scheme):
    with Visitor(chromium, address, color_scheme=scheme) as visitor:
        start_correcting(visitor)
        click(visitor, 0.25, 0.5)
        give(visitor, RED)
        assert violations(visitor.page) == []


def test_the_download_and_a_later_visit_keep_the_color(visitor):
    click(visitor, 0.25, 0.5)
    give(visitor, RED)
    red = redness(visitor)
    _, data = visitor.download()
    full = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)[112:128, 72:88]
    assert (full[..., 0] - full[..., 2]).mean() == pytest.approx(red, abs=4)
    visitor.page.click("#hint-middle")
    give(visitor, BLUE)
    blue = redness(visitor, 0.5)
    visitor.page.once("dialog", lambda dialog: dialog.accept())
    visitor.page.reload()
    visitor.page.click("#continue-yes")
    visitor.wait_for()
    visitor.wait_for_preview()
    assert redness(visitor, 0.5) == pytest.approx(blue, abs=3)
    visitor.page.click("#correct")
    assert visitor.page.locator(".marker").count() == 2


def test_a_network_without_hints_offers_no_correction(chromium, service):
    with Visitor(chromium, service) as visitor:
        visitor.add_photos(("a.png", photo(60, 80, "PNG")))
        assert visitor.page.is_hidden("#correct")
