"""The people of the demonstration, and what they do in a browser."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page

PASSWORD = "only-for-the-demo"
ASKED_AGAIN = ("lead", "administrator")  # whose pages ask for the password again
HOLDS = 5 * 60  # seconds; on the site it holds for ten minutes
_kept: dict[tuple[str, str], list[Any]] = {}  # a code works once, so each role signs in once
_given: dict[tuple[str, str], float] = {}  # when a password was given again


def sign_in(page: Page, role: str) -> Page:
    """`role`: client, clinician, supervisor or lead. The sign-in of an earlier test goes on."""
    page.goto("/accounts/login/")
    who = (page.evaluate("location.origin"), role)
    if who in _kept:
        page.context.add_cookies(_kept[who])
        page.goto("/")
    else:
        sign_in_anew(page, role)
        _kept[who] = [
            {"name": cooky["name"], "value": cooky["value"], "url": who[0]}
            for cooky in page.context.cookies()
        ]
    if role in ASKED_AGAIN and time.monotonic() - _given.get(who, -HOLDS) >= HOLDS:
        give_password_again(page)
        _given[who] = time.monotonic()
    return page


def give_password_again(page: Page) -> None:
    """As the site asks for before an import or a change of roles."""
    page.goto("/accounts/again/?next=/about/")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url("**/about/")


def sign_in_anew(page: Page, role: str) -> None:
    """A sign-in of this test's own: the password and, for staff, the code that the demonstration shows."""
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(f"{role}@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: not url.endswith("/accounts/login/"))
    if "/accounts/login/code" in page.url:
        page.get_by_label("Code").fill(code_of(page, role))
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(lambda url: "/accounts/login" not in url)


def code_of(page: Page, role: str) -> str:
    """The code that the page in view shows for this role; when those of now are used, the next."""
    shown = page.locator(f'[data-demo-code="{role}@demo.example"]')
    end = time.monotonic() + 70
    while shown.inner_text() == "–" and time.monotonic() < end:
        page.wait_for_timeout(1000)
        page.reload()
    return shown.inner_text()


def asked_link(page: Page) -> str:
    """From a client's page: ask for a check-in, and read the link to hand over."""
    page.get_by_role("button", name="Ask for a check-in").first.click()
    return page.get_by_label("Link").input_value()


def answer(page: Page, *choices: str) -> None:
    """Go through a check-in a question a screen; an empty choice skips the question."""
    page.get_by_role("button", name="Begin").click()
    for choice in choices:
        screen = page.locator(".screen:visible")
        if choice:
            screen.get_by_label(choice, exact=True).check()
            screen.get_by_role("button", name="Next").click()
        else:
            screen.get_by_role("button", name="Leave this one out").click()


def add_line(page: Page, words: str = "", reader: str = "") -> None:
    """On the screen for the client's own line, after the questions; without words it is left empty."""
    screen = page.locator(".screen.own-line")
    if reader:
        screen.get_by_label(reader).check()
    if words:
        screen.get_by_label("My line").fill(words)
    screen.get_by_role("button", name="Next").click()
