"""What a lost connection, a reload or a change of language must not cost."""

import pytest
from tests.support.visitor import Visitor
from tests.support.web_service import decode, photo

pytestmark = pytest.mark.slow


@pytest.fixture
def visitor(chromium, service):
    with Visitor(chromium, service) as visitor:
        yield visitor


def test_after_a_lost_connection_a_retry_works_without_a_reload(visitor):
    visitor.expected += ["ERR_FAILED"]
    visitor.page.route("**/*.wasm.gz*", lambda route: route.abort())
    visitor.page.reload()
    visitor.add_photos(("a.jpg", photo()), state="failed")
    assert "connection lost" in visitor.page.inner_text("#state")
    visitor.page.unroute("**/*.wasm.gz*")
    visitor.page.click("#retry")
    visitor.wait_for("ready")
    assert decode(visitor.download()[1]).size == (80, 60)


def test_a_download_that_breaks_off_is_continued(visitor):
    requested = []

    def break_off(route):
        requested.append(route.request.headers.get("range"))
        if len(requested) > 1:
            return route.continue_()
        content = route.fetch()
        part = content.body()[:1_000_000]
        headers = content.headers | {"content-length": str(len(part))}
        return route.fulfill(status=200, headers=headers, body=part)

    visitor.page.wait_for_load_state("networkidle")  # what this first visit loads ahead
    visitor.page.route("**/*.wasm.gz*", break_off)
    visitor.page.reload()
    visitor.add_photos(("a.jpg", photo()))
    assert requested == [None, "bytes=1000000-"]


def test_a_reload_asks_first_and_then_offers_the_photos_again(visitor):
    visitor.add_photos(("a.jpg", photo()), ("b.jpg", photo(100, 50)))
    visitor.page.click("#thumbnails li:nth-child(2) button")
    visitor.move_slider("#strength", 150)
    asked = []

    def accept(dialog):
        asked.append(dialog.type)
        dialog.accept()

    visitor.page.on("dialog", accept)
    visitor.page.reload()
    assert asked == ["beforeunload"]
    sent = len(visitor.posted_paths)
    visitor.page.wait_for_selector("#continue")
    assert "(2)" in visitor.page.inner_text("#continue-question")
    visitor.page.click("#continue-yes")
    visitor.wait_for("ready")
    visitor.page.click("#thumbnails li:nth-child(2) button")
    assert visitor.page.inner_text("#name") == "b.jpg"
    assert visitor.page.input_value("#strength") == "150"
    assert len(visitor.posted_paths) == sent  # their colors were kept, too


def test_downloaded_photos_can_be_left_without_a_question_and_be_discarded(visitor):
    visitor.add_photos(("a.jpg", photo()))
    visitor.download()
    visitor.page.on("dialog", lambda dialog: pytest.fail("asked"))
    visitor.page.reload()
    visitor.page.click("#continue-no")
    visitor.page.wait_for_function("indexedDB.databases().then(all => all.length)")
    visitor.page.reload()
    visitor.page.wait_for_timeout(1000)
    assert visitor.page.is_hidden("#continue")


def test_the_language_changes_in_place(visitor):
    visitor.add_photos(("a.jpg", photo()))
    visitor.page.click("text=Français")
    visitor.page.wait_for_selector("text=Télécharger")
    assert visitor.page.inner_text("#name") == "a.jpg"
    assert visitor.page.get_attribute("html", "lang") == "fr"
    assert visitor.page.get_attribute("a[hreflang=fr]", "aria-current") == "page"
    assert visitor.page.get_attribute("#after", "alt") == "a.jpg, en couleurs"


def test_the_page_works_offline_once_it_was_visited(chromium, service):
    options = {"service_workers": "allow", "expected_errors": ["ERR_INTERNET_DISCONNECTED"]}
    with Visitor(chromium, service, **options) as visitor:
        visitor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        visitor.page.reload()  # through the service worker
        visitor.page.check("#on-device")
        visitor.add_photos(("a.jpg", photo()))
        visitor.download()
        visitor.context.set_offline(True)
        visitor.page.reload()
        visitor.page.check("#on-device")
        visitor.add_photos(("b.jpg", photo(100, 50)))
        assert decode(visitor.download()[1]).size == (50, 100)
