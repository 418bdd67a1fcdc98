"""A client's pages on a small phone and at 200 % zoom: nothing is cut, covered or broken into letters."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.functional.people import asked_link, sign_in

SMALL = [(320, 568), (195, 422)]  # the second is 200 % zoom of 390 by 844
OWN = ("/my/answers/?all=1", "/forms/", "/my/uses/", "/record/opened/", "/forms/lines/")
# Of each answer of one word: how many lines high it is drawn.
LINES = """() => [...document.querySelectorAll('dl.answers dd')]
  .filter(part => !/[\\s-]/.test(part.textContent.trim()))
  .map(part => { const range = document.createRange(); range.selectNodeContents(part);
                 return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size; })"""


def _sized(page: Page, size: tuple[int, int]) -> Page:
    page.set_viewport_size(ViewportSize(width=size[0], height=size[1]))
    return page


@pytest.mark.parametrize("size", SMALL, ids=str)
def test_own_answers_are_read_in_whole_words_and_no_page_scrolls_sideways(site, open_page, size):
    page = _sized(sign_in(open_page("phone"), "client"), size)
    for address in OWN:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], address
    page.goto(OWN[0])
    lines = page.evaluate(LINES)
    assert len(lines) > 10
    assert set(lines) == {1}
    widths = page.evaluate("[...document.querySelectorAll('dl.answers dd')].map(part => part.clientWidth)")
    assert min(widths) >= size[0] / 2


@pytest.mark.parametrize("size", [*SMALL, (390, 664), (844, 390)], ids=str)
def test_the_open_panel_leaves_half_of_the_form_in_view_and_shows_a_number_first(site, open_page, size):
    clinician = sign_in(open_page(), "clinician")
    clinician.goto("/worklist/")
    clinician.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    clinician.locator('main a[href*="/clients/"]').first.click()
    page = _sized(open_page("phone"), size)
    page.goto(asked_link(clinician))
    page.get_by_text("If it is urgent", exact=True).first.click()
    panel = page.locator("aside.urgent").bounding_box()
    number = page.locator("aside.urgent a").first.bounding_box()
    assert panel is not None
    assert number is not None
    assert panel["height"] <= size[1] / 2
    assert number["y"] + number["height"] <= panel["y"] + panel["height"]


@pytest.mark.parametrize(("scheme", "light"), [("light", True), ("dark", False)])
def test_the_page_after_leaving_is_as_dark_as_the_room(site, open_page, scheme, light):
    page = open_page("phone", scheme)
    page.goto("/leave/")
    colour = page.evaluate("getComputedStyle(document.body).color")
    assert (colour == "rgb(0, 0, 0)") == light  # the browser's own ink, which is light upon dark
