"""The page in a real browser. Every visit also checks that nothing is asked of anyone else."""

import io

import numpy as np
import pytest
import requests
from PIL import Image
from PIL.ExifTags import Base
from tests.support.visitor import Visitor, colorfulness, unzipped
from tests.support.web_service import decoded, photo

from colorization.color.lightness import photo_lightness

pytestmark = pytest.mark.slow


@pytest.fixture
def visitor(chromium, service):
    with Visitor(chromium, service) as visitor:
        yield visitor


def lightness_error(before, after):
    return np.abs(photo_lightness(np.asarray(before)) - photo_lightness(np.asarray(after)))


def test_a_photo_is_colored_and_downloaded_in_its_own_size(visitor):
    exif = Image.Exif()
    exif[Base.Orientation], exif[Base.DateTime] = 6, "1948:06:07 10:00:00"
    data = photo(900, 1400, exif=exif, quality=95)
    visitor.brings(("grandma.jpg", data))
    assert visitor.posts == ["/api/chroma"]
    assert "900 × 1400" in visitor.page.inner_text("#size")
    name, result = visitor.downloads()
    assert name == "grandma-colorized.jpg"
    image = decoded(result)
    assert image.size == (900, 1400) and colorfulness(image) > 10
    upright = decoded(data).transpose(Image.Transpose.ROTATE_270)
    assert lightness_error(upright, image).mean() < 1
    kept = image.getexif()
    assert kept[Base.DateTime] == "1948:06:07 10:00:00" and kept[Base.Orientation] == 1
    assert b"algorithmicallyEnhanced" in result and b"neural network's guess" in result


def test_a_downloaded_png_is_what_the_service_gives_for_the_whole_photo(visitor, service):
    data = photo(1000, 1501, "PNG")  # more than one strip, and an odd one
    visitor.brings(("grandma.png", data))
    _, result = visitor.downloads()
    answer = requests.post(
        f"{service}/api/colorize", data, headers={"Content-Type": "image/png"}, timeout=60
    )
    ours, theirs = (
        np.asarray(decoded(d).convert("RGB")).astype(int) for d in (result, answer.content)
    )
    assert ours.shape == theirs.shape == (1000, 1501, 3)
    assert np.abs(ours - theirs).mean() < 1
    assert lightness_error(decoded(data), ours.astype(np.uint8)).max() <= 1
    assert decoded(result).text["Comment"].startswith("Colorized by Deep Colorization")


def test_the_divider_moves_by_keyboard_and_by_pointer(visitor):
    visitor.brings(("grandma.jpg", photo(300, 400)))
    page = visitor.page
    clip = "document.getElementById('before').computedStyleMap().get('clip-path').toString()"
    page.focus("#divider")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#divider", "aria-valuetext") == "51 % before"
    page.keyboard.press("Home")
    everything_after = page.evaluate(clip)
    box = page.locator("#compare").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    assert abs(int(page.input_value("#divider")) - 75) <= 1
    assert page.evaluate(clip) != everything_after


def test_strength_and_vividness_change_without_another_upload(visitor):
    visitor.brings(("grandma.jpg", photo(300, 400)))
    sent = len(visitor.requests)
    first = colorfulness(visitor.pixels())
    visitor.moves("#vividness", 100)
    vivid = colorfulness(visitor.pixels())
    visitor.moves("#strength", 0)
    assert vivid > first + 3
    assert colorfulness(visitor.pixels()) == 0
    assert colorfulness(decoded(visitor.downloads()[1])) < 1
    visitor.page.click("#reset")
    visitor.waits_for_the_picture()
    assert colorfulness(visitor.pixels()) == first
    assert len(visitor.requests) == sent


def test_several_photos_come_in_a_zip_and_a_bad_one_does_not_stop_them(chromium, service):
    with Visitor(chromium, service, expected_errors=["415"]) as visitor:
        photos = [("a.jpg", photo()), ("bad.txt", b"no photo"), ("a.jpg", photo(100, 50))]
        visitor.page.set_input_files("#photos", [])
        visitor.brings(*photos, state="ready]):not([data-state=failed")
        states = visitor.page.eval_on_selector_all(
            "#thumbnails li", "all => all.map(li => li.dataset.state)"
        )
        assert states == ["ready", "failed", "ready"]
        visitor.page.click("#thumbnails li:nth-child(2) button")
        assert "This is not an image of a supported format" in visitor.page.inner_text("#state")
        assert visitor.page.is_hidden("#download") and visitor.page.is_hidden("#retry")
        name, data = visitor.downloads("#download-all")
    assert name == "photos.zip"
    sizes = {name: decoded(data).size for name, data in unzipped(data).items()}
    assert sizes == {"a-colorized.jpg": (80, 60), "a-colorized-2.jpg": (50, 100)}


def test_a_photo_that_the_browser_cannot_read_is_read_by_the_service(visitor):
    visitor.brings(("scan.tif", photo(120, 90, "TIFF")))
    assert visitor.posts == ["/api/colorize", "/api/chroma"]
    assert decoded(visitor.downloads()[1]).size == (90, 120)


def test_a_busy_service_is_asked_again(visitor):
    answered = []

    def answer(route):
        answered.append(route.request.url)
        if len(answered) > 1:
            return route.continue_()
        body = '{"code": "busy", "message": "busy"}'
        return route.fulfill(status=503, headers={"Retry-After": "1"}, body=body)

    visitor.page.route("**/api/chroma", answer)
    visitor.expected = ["503"]
    visitor.brings(("a.jpg", photo()))
    assert len(answered) == 2


def test_a_service_that_is_gone_is_told_and_may_be_tried_again(visitor):
    visitor.page.route("**/api/chroma", lambda route: route.abort())
    visitor.expected = ["ERR_FAILED"]
    visitor.brings(("a.jpg", photo()), state="failed")
    assert "the server cannot be reached" in visitor.page.inner_text("#status")
    visitor.page.unroute("**/api/chroma")
    visitor.page.click("#retry")
    visitor.waits("ready")
    assert visitor.page.is_hidden("#retry") and visitor.page.is_enabled("#download")


TRANSFER = """(bytes) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], "given.jpg", { type: "image/jpeg" }));
  return transfer;
}"""


def test_photos_are_dropped_and_pasted(visitor):
    transfer = visitor.page.evaluate_handle(TRANSFER, list(photo()))
    visitor.page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    paste = (
        "transfer => document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: transfer}))"
    )
    transfer.evaluate(paste)
    visitor.page.wait_for_selector("#thumbnails li:nth-child(2)", state="attached")
    visitor.waits("ready")


def test_the_example_is_colored_and_can_be_removed(visitor):
    visitor.page.click("#example")
    visitor.waits("ready")
    assert visitor.page.inner_text("#name") == "example.jpg"
    visitor.page.click("#remove")
    assert visitor.page.is_hidden("#results")
    assert visitor.page.evaluate("document.activeElement.id") == "photos"


def test_a_photo_that_is_removed_leaves_its_place_to_the_next(visitor):
    visitor.brings(*((f"{name}.jpg", photo()) for name in "abc"))
    page = visitor.page
    page.click("#thumbnails li:nth-child(2) button")
    for shown in ("c.jpg", "a.jpg"):
        page.click("#remove")
        assert page.inner_text("#name") == shown
        assert page.evaluate("document.activeElement.id") == "remove"
    visitor.moves("#strength", 150)
    assert page.locator("#thumbnails li").count() == 1


def test_everything_is_reached_and_done_by_keyboard(visitor):
    visitor.brings(("a.jpg", photo()))
    page, reached = visitor.page, []
    # A blur alone leaves the next Tab where it was: the body, in focus, puts it at the top.
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.className")
        )
    order = ["skip", "photos", "on-device", "divider", "strength", "vividness", "reset", "download"]
    assert [name for name in dict.fromkeys(reached) if name in order] == order
    page.focus("#download")
    with page.expect_download():
        page.keyboard.press("Enter")


def test_the_page_speaks_french(chromium, service):
    with Visitor(chromium, service, locale="fr-FR") as visitor:
        visitor.brings(("mamie.jpg", photo()))
        assert visitor.page.inner_text("#status") == "mamie.jpg est en couleurs"
        visitor.page.click("text=English")
        assert "Give old photos" in visitor.page.inner_text("h1")


def test_without_javascript_the_form_colors_a_photo(chromium, service):
    with Visitor(chromium, service, java_script_enabled=False) as visitor:
        files = {"name": "a.png", "mimeType": "image/png", "buffer": photo(form="PNG")}
        visitor.page.set_input_files("#photos", files)
        told = visitor.page.inner_text("footer")
        assert "Your photos are sent to the server" in told and "copy" not in told
        with visitor.page.expect_navigation() as navigation:
            visitor.page.click("text=Colorize")
        answer = navigation.value
        assert answer.status == 200 and answer.headers["content-type"] == "image/png"


def test_photos_stay_on_the_device_where_the_visitor_wants_it(visitor):
    assert "a small copy of each photo is sent to the server" in visitor.page.inner_text("footer")
    visitor.page.check("#on-device")
    assert "your photos never leave this device" in visitor.page.inner_text("footer")
    visitor.page.keyboard.press("Enter")
    visitor.brings(("a.jpg", photo(300, 400)))
    assert visitor.posts == []
    assert decoded(visitor.downloads()[1]).size == (400, 300)


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_phone_shows_everything_without_scrolling_sideways(chromium, service, locale):
    options = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    with Visitor(chromium, service, locale=locale, **options) as visitor:
        visitor.brings(("a-photo-with-a-rather-long-name-from-a-telephone.jpg", photo(400, 300)))
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == 360
        assert visitor.page.get_attribute("#camera", "capture") == "environment"
        assert visitor.page.is_visible("label[for=camera]")


def png_of(page):
    return Image.open(io.BytesIO(page.screenshot()))


def test_the_page_is_dark_where_the_visitor_likes_it(chromium, service):
    means = []
    for scheme in ("light", "dark"):
        with Visitor(chromium, service, color_scheme=scheme) as visitor:
            means.append(np.asarray(png_of(visitor.page).convert("L")).mean())
    assert means[0] > 200 and means[1] < 60
