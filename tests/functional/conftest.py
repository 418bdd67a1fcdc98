"""A demo site and a browser, each started once. In a pytest process of its own: `pytest tests/functional`.

    def test_the_first_page_is_quiet(site, open_page):
        page = open_page(size="phone", scheme="dark")
        page.goto("/")

Every page opened so is watched: an error in its console or a request to anywhere but the site fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support import browser as chromium
from tests.support import site as sites

RESULTS = Path(__file__).resolve().parents[2] / "test-results"
failed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def site() -> Iterator[sites.Site]:
    with sites.running() as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.launched() as launched:
        yield launched


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if report.when == "call":
        item.stash[failed] = report.failed
    return report


@pytest.fixture
def watch(site: sites.Site) -> chromium.Watch:
    """What the test's pages did; a test that provokes an error takes it out of `errors` after looking."""
    return chromium.Watch(site.url)


@pytest.fixture
def open_page(
    browser: Browser, watch: chromium.Watch, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """A function of `size` (desktop, phone), `scheme` (light, dark): a page of somebody not signed in."""
    pages: list[Page] = []

    def open_one(size: str = "desktop", scheme: chromium.Scheme = "light") -> Page:
        page = chromium.context(browser, watch.origin, size, scheme).new_page()
        watch.follow(page)
        pages.append(page)
        return page

    yield open_one

    if request.node.stash.get(failed, False):
        _keep_pictures(request.node.nodeid, pages)
    for page in pages:
        page.context.close()
    assert watch.strangers == [], "the page asked another site"
    assert watch.errors == [], "the page met errors"


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page at the desk, light."""
    return open_page()


def _keep_pictures(test: str, pages: list[Page]) -> None:
    RESULTS.mkdir(exist_ok=True)
    for number, page in enumerate(pages, 1):
        name = re.sub(r"\W+", "-", test.removeprefix("tests/functional/"))
        page.screenshot(path=RESULTS / f"{name}-{number}.png", full_page=True)
