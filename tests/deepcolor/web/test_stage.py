"""What is seen of the work without scrolling."""

import pytest
from tests.support.visitor import Visitor
from tests.support.web_service import photo

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SCREENS = [
    PHONE,
    *({"viewport": {"width": w, "height": h}} for w, h in ((1280, 800), (2560, 1300))),
]


@pytest.mark.parametrize("locale", ["en-US", "fr-FR"])
@pytest.mark.parametrize("screen", SCREENS)
def test_strip_stage_and_download_fit_the_window(chromium, service, screen, locale):
    with Visitor(chromium, service, locale=locale, **screen) as visitor:
        visitor.add_photos(*((f"{name}.jpg", photo(300, 400)) for name in "abc"))
        height = screen["viewport"]["height"]
        bar = visitor.page.locator(".actions").bounding_box()
        for selector in ("#thumbnails", "#compare", "#download"):
            box = visitor.page.locator(selector).bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= height, selector
        assert visitor.page.evaluate("scrollY") == 0
        stage = visitor.page.locator(".photo-view").bounding_box()
        beside = bar["x"] >= stage["x"] + stage["width"]
        assert beside or stage["y"] + stage["height"] <= bar["y"]
        assert stage["width"] > 0.7 * screen["viewport"]["width"]
        assert stage["height"] > 0.45 * height


def test_the_progress_of_many_photos_is_told(chromium, service):
    with Visitor(chromium, service) as visitor:
        told = "window.told = new Set(); new MutationObserver(() => told.add(status.textContent))"
        visitor.page.evaluate(
            f"const status = document.getElementById('status'); {told}"
            ".observe(status, {childList: true, characterData: true, subtree: true})"
        )
        visitor.add_photos(*((f"{number}.jpg", photo(seed=number)) for number in range(6)))
        assert visitor.page.inner_text("#status") == "6 photos are colorized"
        assert visitor.page.is_hidden("#overall")
        assert "3 of 6 colorized" in visitor.page.evaluate("[...told]")


def test_the_strip_can_be_used_by_keyboard(chromium, service):
    with Visitor(chromium, service) as visitor:
        visitor.add_photos(*((f"{name}.jpg", photo()) for name in "abc"))
        page = visitor.page
        page.focus("#thumbnails li:nth-child(1) button")
        page.keyboard.press("ArrowRight")
        assert page.inner_text("#name") == "b.jpg"
        page.keyboard.press("Delete")
        assert page.inner_text("#name") == "c.jpg"
        page.click("#undo")
        assert page.inner_text("#name") == "b.jpg"
        assert page.locator("#thumbnails li").count() == 3


def test_the_focus_stays_when_delete_leaves_one_photo(chromium, service):
    with Visitor(chromium, service) as visitor:
        visitor.add_photos(*((f"{name}.jpg", photo()) for name in "ab"))
        visitor.page.focus("#thumbnails li:nth-child(1) button")
        visitor.page.keyboard.press("Delete")
        assert visitor.page.inner_text("#name") == "b.jpg"
        assert visitor.page.evaluate("document.activeElement.id") == "remove"


def test_photos_that_were_canceled_together_are_tried_again_together(chromium, service):
    with Visitor(chromium, service) as visitor:
        page = visitor.page
        page.evaluate(
            """() => {
              const cancel = document.getElementById("cancel");
              const observer = new MutationObserver(() => {
                if (cancel.hidden) return;
                observer.disconnect();
                cancel.click();
              });
              observer.observe(cancel, { attributes: true });
            }"""
        )
        visitor.add_photos(
            *((f"{n}.jpg", photo(seed=n)) for n in range(6)), state=("ready", "failed")
        )
        canceled = page.locator("#thumbnails li[data-state=failed]")
        assert canceled.count() > 2
        canceled.last.locator("button").click()
        page.click("#retry")
        visitor.wait_for("ready")


def test_settings_can_be_applied_to_all_photos(chromium, service):
    with Visitor(chromium, service) as visitor:
        visitor.add_photos(*((f"{name}.jpg", photo()) for name in "ab"))
        visitor.move_slider("#strength", 50)
        visitor.page.click("#apply-all")
        visitor.page.click("#thumbnails li:nth-child(2) button")
        visitor.wait_for_preview()
        assert visitor.page.input_value("#strength") == "50"
