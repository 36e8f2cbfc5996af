"""axe-core checks each state of the page."""

import pytest
from tests.support.axe import violations
from tests.support.visitor import Visitor
from tests.support.web_service import photo

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_state_of_the_page_is_accessible(chromium, service, scheme, width):
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with Visitor(chromium, service, expected_errors=["415"], **options) as visitor:
        assert violations(visitor.page) == []
        photos = [("a.jpg", photo()), ("bad.txt", b"no photo"), ("b.jpg", photo(100, 50))]
        visitor.add_photos(*photos, state="ready]):not([data-state=failed")
        assert violations(visitor.page) == []
        visitor.page.click("#thumbnails li:nth-child(2) button")
        assert violations(visitor.page) == []


def test_the_form_without_javascript_and_the_error_page_are_accessible(chromium, service):
    with Visitor(chromium, service, expected_errors=["404"]) as visitor:
        visitor.page.evaluate("document.documentElement.classList.remove('js')")
        assert violations(visitor.page) == []
        visitor.page.goto(f"{service}/nowhere")
        assert violations(visitor.page) == []
