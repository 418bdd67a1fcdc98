"""The desk as a clinician meets it: acts in view, few clicks for an answer, words in figures side by side."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.functional.people import sign_in

ACTS = "section[aria-labelledby=section-acts]"
TOP = 400  # px
FIGURES = 6  # pages that are looked at for their figures
# Pairs of words of a figure that cover one another.
OVERLAPS = """() => [...document.querySelectorAll('svg.timeline')].flatMap(figure => {
  const words = [...figure.querySelectorAll('text')].filter(word =>
    word.textContent.trim() && getComputedStyle(word).visibility !== 'hidden');
  return words.flatMap((word, at) => words.slice(at + 1).filter(other => {
    const [a, b] = [word.getBoundingClientRect(), other.getBoundingClientRect()];
    return Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  }).map(other => `${word.textContent} | ${other.textContent}`));
})"""


def _addresses(page: Page, where: str) -> list[str]:
    """Addresses of the pages about clients that are linked there."""
    page.goto("/worklist/")
    links = page.locator(f'{where} a[href*="/clients/"]')
    found: list[str] = links.evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_an_act_that_waits_lies_within_the_first_400_pixels_of_the_client_s_page(site, open_page, size):
    page = sign_in(open_page(size), "clinician")
    addresses = _addresses(page, ACTS)
    assert addresses
    for address in addresses:
        page.goto(address)
        act = page.locator("section[aria-labelledby=acts] li").first.bounding_box()
        assert act is not None
        assert act["y"] + act["height"] <= TOP, address


def test_an_act_leaves_the_list_when_it_is_answered_and_not_when_its_page_was_opened(site, open_page):
    page = sign_in(open_page(), "clinician")
    [address, *others] = _addresses(page, ACTS)
    page.goto(address)
    assert _addresses(page, ACTS) == [address, *others]
    _log(page.locator(ACTS).get_by_role("listitem").first, "called or wrote")
    page.wait_for_url("**/worklist/")
    assert _addresses(page, ACTS) == others


def _log(row, done: str) -> int:
    """Answer a row of the worklist; returns the number of clicks."""
    row.get_by_text("Log what was done").first.click()
    row.get_by_label(done).first.check()
    row.get_by_role("button", name="Save").first.click()
    return 3


def test_each_answer_takes_three_clicks_and_ends_on_the_list_with_the_next_one(site, open_page):
    page = sign_in(open_page(), "clinician")
    page.goto("/worklist/")
    rows = page.get_by_role("listitem").filter(has_text="Log what was done")
    answers = min(5, rows.count())
    assert answers >= 3
    clicks = 0
    for _ in range(answers):
        with page.expect_navigation(url="**/worklist/"):
            clicks += _log(rows.nth(rows.count() - 1), "talked about it together")
    assert clicks == 3 * answers
    assert page.get_by_text("Done: talked about it together").count() >= 1


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_no_words_of_a_figure_cover_one_another(site, open_page, size):
    page = sign_in(open_page(size), "supervisor")
    for address in _addresses(page, "main")[:FIGURES]:
        page.goto(address)
        assert page.evaluate(OVERLAPS) == [], address


def test_words_that_cover_one_another_would_be_seen(site, open_page):
    """The planted fault: every word of the figures is drawn at the same place."""
    page = sign_in(open_page(), "supervisor")
    page.goto(_addresses(page, "main")[0])
    page.evaluate("""() => document.querySelectorAll('svg.timeline text').forEach(word => {
      word.setAttribute('x', 50); word.setAttribute('y', 50); })""")
    assert page.evaluate(OVERLAPS)
