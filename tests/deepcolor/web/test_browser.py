"""The page in a real browser. Every visit also checks that it requests nothing from elsewhere."""

import io

import numpy as np
import pytest
import requests
from PIL import Image
from PIL.ExifTags import Base
from tests.support.visitor import Visitor, colorfulness, unzip
from tests.support.web_service import decode, photo

from colorization.color.lightness import photo_lightness

pytestmark = pytest.mark.slow


@pytest.fixture
def visitor(chromium, service):
    with Visitor(chromium, service) as visitor:
        yield visitor


def lightness_error(before, after):
    return np.abs(photo_lightness(np.asarray(before)) - photo_lightness(np.asarray(after)))


def test_a_photo_is_colorized_and_downloaded_in_its_own_size(visitor):
    exif = Image.Exif()
    exif[Base.Orientation], exif[Base.DateTime] = 6, "1948:06:07 10:00:00"
    data = photo(900, 1400, exif=exif, quality=95)
    visitor.add_photos(("grandma.jpg", data))
    assert visitor.posted_paths == ["/api/chroma"]
    assert "900 × 1400" in visitor.page.inner_text("#size")
    name, result = visitor.download()
    assert name == "grandma-colorized.jpg"
    image = decode(result)
    assert image.size == (900, 1400) and colorfulness(image) > 10
    upright = decode(data).transpose(Image.Transpose.ROTATE_270)
    assert lightness_error(upright, image).mean() < 1
    kept = image.getexif()
    assert kept[Base.DateTime] == "1948:06:07 10:00:00" and kept[Base.Orientation] == 1
    assert b"algorithmicallyEnhanced" in result and b"neural network's guess" in result


def test_a_downloaded_png_matches_what_the_service_returns_for_the_whole_photo(visitor, service):
    data = photo(1000, 1501, "PNG")  # more than one strip, the last one shorter
    visitor.add_photos(("grandma.png", data))
    _, result = visitor.download()
    response = requests.post(
        f"{service}/api/colorize", data, headers={"Content-Type": "image/png"}, timeout=60
    )
    ours, theirs = (
        np.asarray(decode(d).convert("RGB")).astype(int) for d in (result, response.content)
    )
    assert ours.shape == theirs.shape == (1000, 1501, 3)
    assert np.abs(ours - theirs).mean() < 1
    assert lightness_error(decode(data), ours.astype(np.uint8)).max() <= 1
    assert decode(result).text["Comment"].startswith("Colorized by Deep Colorization")


def test_the_divider_moves_by_keyboard_and_by_pointer(visitor):
    visitor.add_photos(("grandma.jpg", photo(300, 400)))
    page = visitor.page
    clip = "document.getElementById('before').computedStyleMap().get('clip-path').toString()"
    page.focus("#divider")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#divider", "aria-valuetext") == "51 % before"
    page.keyboard.press("Home")
    everything_after = page.evaluate(clip)
    box = page.locator("#compare").bounding_box()
    page.keyboard.press("PageUp")
    page.keyboard.press("End")
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    assert abs(int(page.input_value("#divider")) - 75) <= 1
    assert page.evaluate(clip) != everything_after


def test_strength_and_variant_change_without_another_upload(visitor):
    visitor.add_photos(("grandma.jpg", photo(300, 400)))
    first, sent = colorfulness(visitor.pixels()), uploads(visitor)
    colors = {}
    for name in ("lively", "warm", "calm"):
        visitor.choose_variant(name)
        colors[name] = colorfulness(visitor.pixels())
    assert colors["calm"] < first - 1 and first + 3 < colors["lively"]
    visitor.move_slider("#strength", 0)
    assert colorfulness(visitor.pixels()) < 1
    assert colorfulness(decode(visitor.download()[1])) < 1
    visitor.page.click("#reset")
    visitor.wait_for_preview()
    assert visitor.page.is_checked("#variants input[value=natural]")
    assert colorfulness(visitor.pixels()) == first
    assert uploads(visitor) == sent  # the page itself may fetch files for later


def uploads(visitor):
    return sum(request.method == "POST" for request in visitor.requests)


def test_several_photos_are_downloaded_as_a_zip_even_if_one_fails(chromium, service):
    with Visitor(chromium, service, expected_errors=["415"]) as visitor:
        photos = [("a.jpg", photo()), ("bad.txt", b"no photo"), ("a.jpg", photo(100, 50))]
        visitor.page.set_input_files("#photos", [])
        visitor.add_photos(*photos, state="ready]):not([data-state=failed")
        states = visitor.page.eval_on_selector_all(
            "#thumbnails li", "all => all.map(li => li.dataset.state)"
        )
        assert states == ["ready", "failed", "ready"]
        visitor.page.click("#thumbnails li:nth-child(2) button")
        assert "This is not an image of a supported format" in visitor.page.inner_text("#state")
        assert visitor.page.is_hidden("#download") and visitor.page.is_hidden("#retry")
        name, data = visitor.download("#download-all")
    assert name == "photos.zip"
    sizes = {name: decode(data).size for name, data in unzip(data).items()}
    assert sizes == {"a-colorized.jpg": (80, 60), "a-colorized-2.jpg": (50, 100)}


def test_the_service_converts_a_photo_that_the_browser_cannot_read(visitor):
    visitor.add_photos(("scan.tif", photo(120, 90, "TIFF")))
    assert visitor.posted_paths == ["/api/colorize", "/api/chroma"]
    assert decode(visitor.download()[1]).size == (90, 120)


def test_the_page_retries_when_the_service_is_busy(visitor):
    requested = []

    def busy_once(route):
        requested.append(route.request.url)
        if len(requested) > 1:
            return route.continue_()
        body = '{"code": "busy", "message": "busy"}'
        return route.fulfill(status=503, headers={"Retry-After": "1"}, body=body)

    visitor.page.route("**/api/chroma", busy_once)
    visitor.expected = ["503"]
    visitor.add_photos(("a.jpg", photo()))
    assert len(requested) == 2


def test_an_unreachable_service_is_reported_and_can_be_retried(visitor):
    visitor.page.route("**/api/chroma", lambda route: route.abort())
    visitor.expected = ["ERR_FAILED"]
    visitor.add_photos(("a.jpg", photo()), state="failed")
    assert "the server cannot be reached" in visitor.page.inner_text("#status")
    visitor.page.unroute("**/api/chroma")
    visitor.page.click("#retry")
    visitor.wait_for("ready")
    assert visitor.page.is_hidden("#retry") and visitor.page.is_enabled("#download")


TRANSFER = """(bytes) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], "given.jpg", { type: "image/jpeg" }));
  return transfer;
}"""


def test_photos_can_be_dropped_and_pasted(visitor):
    transfer = visitor.page.evaluate_handle(TRANSFER, list(photo()))
    visitor.page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    paste = (
        "transfer => document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: transfer}))"
    )
    transfer.evaluate(paste)
    visitor.page.wait_for_selector("#thumbnails li:nth-child(2)", state="attached")
    visitor.wait_for("ready")


def test_the_example_is_colorized_and_can_be_removed(visitor):
    visitor.page.click(".example[data-name=astronaut]")
    visitor.wait_for("ready")
    assert visitor.page.inner_text("#name") == "astronaut.jpg"
    assert visitor.page.evaluate("document.activeElement.id") == "divider"
    visitor.page.click("#remove")
    assert visitor.page.is_hidden("#results")
    assert visitor.page.evaluate("document.activeElement.id") == "photos"
    visitor.page.click("#undo")
    visitor.wait_for("ready")
    assert visitor.page.is_visible("#results")


def test_removing_a_photo_selects_the_next_one(visitor):
    visitor.add_photos(*((f"{name}.jpg", photo()) for name in "abc"))
    page = visitor.page
    page.click("#thumbnails li:nth-child(2) button")
    for shown in ("c.jpg", "a.jpg"):
        page.click("#remove")
        assert page.inner_text("#name") == shown
        assert page.evaluate("document.activeElement.id") == "remove"
    visitor.move_slider("#strength", 150)
    assert page.locator("#thumbnails li").count() == 1


def test_everything_can_be_done_by_keyboard(visitor):
    visitor.add_photos(("a.jpg", photo()))
    page, reached = visitor.page, []
    # After a blur alone, Tab would continue where it was; focusing the body resets it.
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.className")
        )
    order = ["skip", "photos", "on-device", "divider", "strength", "reset", "download", "zoom"]
    assert [name for name in dict.fromkeys(reached) if name in order] == order
    page.focus("#download")
    with page.expect_download():
        page.keyboard.press("Enter")


def test_the_page_is_in_french_for_a_french_browser(chromium, service):
    with Visitor(chromium, service, locale="fr-FR") as visitor:
        visitor.add_photos(("mamie.jpg", photo()))
        assert visitor.page.inner_text("#status") == "mamie.jpg est en couleurs"
        visitor.page.click("text=English")
        visitor.page.wait_for_selector("text=Download")
        assert "Give old photos" in visitor.page.text_content("h1")
        assert visitor.page.inner_text("#name") == "mamie.jpg"
        assert visitor.page.url.endswith("/en.html")


def test_without_javascript_the_form_colorizes_a_photo(chromium, service):
    with Visitor(chromium, service, java_script_enabled=False) as visitor:
        files = {"name": "a.png", "mimeType": "image/png", "buffer": photo(form="PNG")}
        visitor.page.set_input_files("#photos", files)
        footer = visitor.page.inner_text("footer")
        assert "Your photos are sent to the server" in footer and "copy" not in footer
        with visitor.page.expect_navigation():
            visitor.page.click("text=Colorize")
        assert visitor.page.locator("img[alt='a-colorized.png']").bounding_box()["width"] == 80
        assert visitor.page.get_attribute("a[download]", "download") == "a-colorized.png"


def test_photos_stay_on_the_device_if_the_visitor_chooses_so(visitor):
    assert "a small copy of each photo is sent to the server" in visitor.page.inner_text("footer")
    visitor.page.check("#on-device")
    assert "your photos never leave this device" in visitor.page.inner_text("footer")
    visitor.page.keyboard.press("Enter")
    visitor.add_photos(("a.jpg", photo(300, 400)))
    assert visitor.posted_paths == []
    assert decode(visitor.download()[1]).size == (400, 300)


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_the_page_fits_a_phone_without_scrolling_sideways(chromium, service, locale):
    options = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    with Visitor(chromium, service, locale=locale, **options) as visitor:
        visitor.add_photos(("a-photo-with-a-rather-long-name-from-a-phone.jpg", photo(400, 300)))
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == 360
        assert visitor.page.get_attribute("#camera", "capture") == "environment"
        assert visitor.page.is_visible("label[for=camera]")


def png_of(page):
    return Image.open(io.BytesIO(page.screenshot()))


def test_the_page_is_dark_if_the_visitor_prefers_it(chromium, service):
    means = []
    for scheme in ("light", "dark"):
        with Visitor(chromium, service, color_scheme=scheme) as visitor:
            means.append(np.asarray(png_of(visitor.page).convert("L")).mean())
    assert means[0] > 200 and means[1] < 60
