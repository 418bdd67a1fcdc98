"""The rota as its lead keeps it, and what a client sees of it: on a phone, and on a page that stays open."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.functional.people import sign_in
from tests.functional.test_pages import LOOKS, well

NAME, NUMBER = "Dr Jasper Reed", "+49 (0)30 555 12"


@pytest.fixture(params=LOOKS, ids="-".join)
def look(request):
    return request.param


def _enter(lead: Page) -> None:
    """A shift from yesterday to tomorrow, in which now lies at any hour."""
    today = datetime.now(tz=UTC).date()
    lead.goto("/duty/")
    lead.get_by_role("link", name="Add a shift").click()
    lead.get_by_label("Name", exact=True).fill(NAME)
    lead.get_by_label("Telephone number").fill(NUMBER)
    lead.get_by_label("Day", exact=True).fill(str(today - timedelta(days=1)))
    lead.get_by_label("From", exact=True).fill("08:00")
    lead.get_by_label("Until", exact=True).fill("07:00")


def _take_back_all(lead: Page) -> None:
    lead.goto("/duty/?all")
    while (link := lead.get_by_role("link", name=re.compile(f"Take back.*{NAME}"))).count():
        link.first.click()
        lead.get_by_role("button", name="Take it back").click()


def test_a_shift_is_entered_shown_to_a_client_and_taken_back(site, open_page, look, watch):
    lead, client = sign_in(open_page(*look), "lead"), sign_in(open_page(*look), "client")
    _enter(lead)
    lead.get_by_role("button", name="Add", exact=True).click()
    expect(lead.get_by_text("The shift would end before it starts.")).to_be_visible()
    well(lead, "duty-refused", look)
    watch.errors[:] = [error for error in watch.errors if "400" not in error]
    lead.get_by_label("Day on which it ends").fill(str(datetime.now(tz=UTC).date() + timedelta(days=1)))
    lead.get_by_role("button", name="Add", exact=True).click()
    expect(lead.get_by_text("1 shift is entered.")).to_be_visible()
    well(lead, "duty-rota", look)
    client.goto("/forms/")
    client.get_by_text("If it is urgent").click()
    line = client.locator(".urgent").get_by_text("On duty now, until").filter(has_text=NAME)
    expect(line).to_be_visible()
    assert line.get_by_role("link", name=NUMBER).get_attribute("href") == "tel:+493055512"
    well(client, "duty-client", look)
    lead.get_by_role("link", name=re.compile(f"Change.*{NAME}")).click()
    well(lead, "duty-change", look)
    _take_back_all(lead)
    well(lead, "duty-taken-back", look)
    client.goto("/forms/")
    client.get_by_text("If it is urgent").click()
    expect(client.get_by_text(NAME)).to_have_count(0)
    well(client, "duty-client-after", look)


def test_a_page_that_stays_open_shows_nobody_as_on_duty_after_the_shift(site, open_page):
    lead, client = sign_in(open_page(), "lead"), open_page("phone")
    _enter(lead)
    lead.get_by_label("Day on which it ends").fill(str(datetime.now(tz=UTC).date() + timedelta(days=1)))
    lead.get_by_role("button", name="Add", exact=True).click()
    client.clock.install()
    client.goto("/accounts/login/")
    client.get_by_text("If it is urgent").click()
    line, ended = (
        client.get_by_text("On duty now, until").filter(has_text=NAME),
        f"The shift of {NAME} has ended",
    )
    expect(line).to_be_visible()
    expect(client.get_by_text(ended)).to_be_hidden()
    client.clock.fast_forward("48:00:00")
    expect(line).to_be_hidden()
    expect(client.get_by_text(ended)).to_be_visible()
    _take_back_all(lead)
