"""The people of the demonstration, and what they do in a browser."""

from __future__ import annotations

from playwright.sync_api import Page

PASSWORD = "only-for-the-demo"


def sign_in(page: Page, role: str) -> Page:
    """`role`: client, clinician, supervisor or lead."""
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(f"{role}@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    return page


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
