"""Signing in as people do it: passkey, app, recovery codes, the locked page, the quick way out."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.functional.people import PASSWORD, sign_in, sign_in_anew
from tests.functional.test_pages import ADDRESSES, LOOKS, well


@pytest.fixture(params=LOOKS, ids="-".join)
def look(request):
    return request.param


def confirm(page: Page) -> None:
    """Where the site asks for the password again, give it."""
    if "/accounts/again/" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(lambda url: "/accounts/again/" not in url)


def with_a_device(page: Page) -> None:
    """A device that vouches for its person, as a telephone with a fingerprint does."""
    result = page.context.new_cdp_session(page)
    result.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    result.send("WebAuthn.addVirtualAuthenticator", {"options": options})


PAGES = {
    "clinician": [
        "/accounts/factors/",
        "/accounts/factors/app/remove/",
        "/accounts/factors/keys/",
        "/accounts/factors/keys/add/",
        "/accounts/factors/codes/new/",
        "/accounts/password/",
        "/accounts/sessions/",
    ],
    "client": ["/accounts/factors/", "/accounts/factors/app/", "/accounts/password/"],
}


@pytest.mark.parametrize("role", PAGES)
def test_the_pages_of_ones_own_sign_in_are_accessible_and_fit(site, open_page, look, role):
    page = sign_in(open_page(*look), role)
    for address in PAGES[role]:
        page.goto(address)
        if "/accounts/again/" in page.url:
            well(page, f"{role}-again", look)
            confirm(page)
        assert urlsplit(page.url).path == address
        well(page, f"{role}{address.replace('/', '-').rstrip('-')}", look)


def test_the_second_step_is_accessible_and_fits(site, open_page, look):
    page = open_page(*look)
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("supervisor@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    well(page, "second-step", look)


def test_a_passkey_unlocks_and_signs_in_alone(site, open_page):
    page = open_page()
    with_a_device(page)
    sign_in_anew(page, "supervisor")
    page.goto("/accounts/factors/keys/add/")
    confirm(page)
    page.get_by_label("What you call it").fill("my telephone")
    page.get_by_role("button", name="Add it now").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert page.get_by_role("list", name="Codes not used yet").get_by_role("listitem").count() == 10
    well(page, "codes", LOOKS[0])

    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    well(page, "locked-with-a-passkey", LOOKS[0])
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()

    page.goto("/accounts/factors/keys/")
    expect(page.get_by_role("heading", name="my telephone")).to_be_visible()
    well(page, "keys", LOOKS[0])
    page.get_by_role("link", name="Rename").click()
    confirm(page)
    well(page, "rename", LOOKS[0])
    page.goto("/accounts/factors/keys/")
    page.get_by_role("link", name="Remove").click()
    confirm(page)
    well(page, "remove", LOOKS[0])
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()


def test_a_passkey_that_is_not_used_is_told_calmly(site, open_page):
    page = open_page("phone", "dark")
    page.goto("/accounts/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('cancelled')); }")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("The passkey was not used.")).to_be_visible()
    well(page, "passkey-not-used", LOOKS[-1])


def test_leave_quickly_ends_on_an_empty_page_signed_out_and_going_back_shows_nothing(site, open_page):
    page = open_page("phone")
    sign_in_anew(page, "client")
    seen: set[str] = set()
    for address in ("/forms/", "/my/answers/", "/record/opened/"):
        page.goto(address)
        seen |= lines_of(page)
    assert len(seen) > 20
    page.get_by_role("button", name="Leave quickly").click()
    expect(page.get_by_role("heading", name="Empty page")).to_be_visible()
    assert (page.title(), lines_of(page)) == ("Empty page", {"Empty page"})
    well(page, "left", ("phone", "light"))
    assert not [cooky for cooky in page.context.cookies() if cooky["name"].endswith("session")]

    for _ in range(3):
        page.go_back()
        assert lines_of(page) & seen == set()
        assert urlsplit(page.url).path in ("/accounts/login/", "/leave/")
    page.goto("/my/answers/")
    assert urlsplit(page.url).path == "/accounts/login/"


def lines_of(page: Page) -> set[str]:
    """What stands in the page's own part, line by line."""
    return {line.strip() for line in page.locator("main").inner_text().splitlines() if line.strip()}


# Of an illness, a method or a place of treatment: none may stand where a bystander reads it.
TELLING = re.compile(
    r"borderline|\bbpd\b|personality|disorder|diagnos|\bdbt\b|\bmbt\b|dialectic|mentali[sz]|schema|transference"
    r"|therap|treatment|psych|clinic|patient|client|suicid|harm|crisis|rupture|alliance",
    re.IGNORECASE,
)


def telling(title: str, names: set[str]) -> list[str]:
    """What a title gives away: such words, and any part of the names."""
    return TELLING.findall(title) + [name for name in names if name.lower() in title.lower()]


def test_no_title_of_a_clients_pages_tells_an_illness_a_method_or_a_name(site, open_page):
    staff = sign_in(open_page(), "clinician")
    names = parts_of_name(staff)
    page = sign_in(open_page("phone"), "client")
    names |= parts_of_name(page)
    assert len(names) >= 3
    for address in (*ADDRESSES["client"], *PAGES["client"], "/accounts/sessions/", "/leave/"):
        page.goto(address)
        assert page.title()
        assert telling(page.title(), names) == [], address
    page.goto("/forms/")
    page.get_by_role("main").locator("a[href^='/c/']").first.click()
    assert page.title() == "Check-in"
    assert telling("Therapy with " + max(names), names) == [
        "Therap",
        max(names),
    ]  # what it is to find, it finds


def parts_of_name(page: Page) -> set[str]:
    """Of the person who is signed in."""
    whole = page.get_by_role("link", name="Signed in:").inner_text().removeprefix("Signed in:")
    return {part for part in whole.split() if len(part) > 2}
