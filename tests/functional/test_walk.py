"""The main job, as people do it: a client answers, a clinician sees why and opens the course."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.functional.people import add_line, answer, asked_link, sign_in
from tests.support.browser import accessibility_violations

LOWEST = "not at all"
LOOKS = 240  # at the worklist, half a second apart


def test_a_client_answers_by_link_and_the_clinician_sees_the_flag_with_its_reason(site, open_page):
    clinician = sign_in(open_page(), "clinician")
    _open_worklist(clinician)
    name = _without_a_rupture(clinician)
    clinician.get_by_role("link", name=name).last.click()
    expect(clinician.get_by_role("region", name="Who this is about")).to_contain_text(name)
    link = asked_link(clinician)

    client = open_page(size="phone")
    client.goto(link)
    answer(client, *[LOWEST] * 5, "a lot", "no", "0: no urge at all")
    add_line(client)
    client.get_by_role("button", name="Send").click()
    expect(client.get_by_role("heading", name="Thank you")).to_be_visible()
    assert accessibility_violations(client) == []

    row = clinician.get_by_role("main").get_by_role("listitem").filter(has_text=name)
    _look_until_it_is_assessed(clinician, row.filter(has_text="a lot of tension or hurt"))
    said = clinician.get_by_role("region", name="In their own words").get_by_role("listitem")
    expect(said.filter(has_text=name)).to_contain_text("a lot of tension or hurt")
    expect(said.filter(has_text=name)).to_contain_text("below their level of")
    expect(row).to_have_count(1)

    row.get_by_role("link", name=name).click()
    course = clinician.get_by_role("region", name="Course of the ratings with you")
    expect(course).to_contain_text("rupture")
    expect(clinician.get_by_role("main")).to_contain_text("in 10 like this are a rupture")
    assert accessibility_violations(clinician) == []

    clinician.goto("/worklist/")
    for _ in range(2):  # the word, and then what the ratings say
        row.get_by_text("Log what was done").click()
        row.get_by_label("talked about it together").check()
        row.get_by_role("button", name="Save").click()
        expect(clinician.get_by_role("heading", level=1)).to_contain_text("Today")
    expect(row).to_have_count(1)
    again = clinician.get_by_role("region", name="Talked about, not settled").get_by_role("listitem")
    expect(again.filter(has_text=name)).to_contain_text("talked about it together")


def test_back_loses_nothing_and_a_question_may_be_left_out(site, open_page):
    page = open_page(size="phone")
    page.goto(_a_link(open_page))
    answer(page, "mostly", "")
    for _ in range(2):
        page.locator(".screen:visible").get_by_role("button", name="Back").click()
    first = page.locator(".screen:visible")
    expect(first.get_by_label("mostly", exact=True)).to_be_checked()
    first.get_by_role("button", name="Next").click()
    expect(page.locator(".screen:visible input:checked")).to_have_count(0)


def test_settled_is_asked_only_after_tension(site, open_page):
    page = open_page(size="phone")
    page.goto(_a_link(open_page))
    answer(page, *[""] * 5, "no")
    expect(page.locator(".screen:visible")).to_contain_text("urge to stop")


def test_without_a_connection_the_answers_stay_on_the_page_until_they_are_sent(site, open_page, watch):
    page = open_page(size="phone")
    page.goto(_a_link(open_page))
    answer(page, *["mostly"] * 5, "no", "0: no urge at all")
    add_line(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Not sent yet")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").or_(
        page.get_by_role("heading", name="Thank you")
    ).first.click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    watch.errors[:] = [error for error in watch.errors if "ERR_INTERNET_DISCONNECTED" not in error]


def test_without_scripts_the_check_in_is_one_page_and_arrives_all_the_same(site, open_page, browser):
    link = _a_link(open_page)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    for question in page.locator("fieldset.question").all()[:5]:
        question.get_by_label("mostly", exact=True).check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    context.close()


def test_a_changed_link_gets_a_calm_page(site, open_page, watch):
    page = open_page(size="phone")
    page.goto(_a_link(open_page).rstrip("/")[:-4] + "abcd/")
    expect(page.get_by_role("main")).to_contain_text("link")
    assert accessibility_violations(page) == []
    watch.errors[:] = [error for error in watch.errors if "404" not in error and "410" not in error]


def _look_until_it_is_assessed(clinician, entry) -> None:
    """A job assesses what was sent a moment later; the worklist is opened again until it has."""
    for _ in range(LOOKS):
        clinician.goto("/worklist/")
        if entry.count():
            return
        clinician.wait_for_timeout(500)


def _a_link(open_page) -> str:
    """A fresh check-in link, as the clinician hands it over."""
    clinician = sign_in(open_page(), "clinician")
    _open_worklist(clinician)
    # Whoever stands last: an earlier test may have left nobody without a flag.
    clinician.locator('main a[href*="/clients/"]').last.click()
    return asked_link(clinician)


def _without_a_rupture(clinician) -> str:
    """Somebody whom the numbers can still flag: whoever stands last, as those without a flag do."""
    regions = (clinician.get_by_role("region", name=name) for name in ("Ruptures", "Not followed"))
    out = {name for region in regions for name in region.get_by_role("link").all_inner_texts()}
    names = clinician.locator('main a[href*="/clients/"]').all_inner_texts()
    return next(name for name in reversed(names) if name not in out)


def _open_worklist(clinician) -> None:
    """With every part of it opened."""
    clinician.goto("/worklist/")
    clinician.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")


def _ask_who_is_signed_in(client, clinician) -> None:
    """The clinician asks this client; an earlier test may have answered what the demo asked."""
    name = client.get_by_text("Signed in:").inner_text().removeprefix("Signed in: ")
    _open_worklist(clinician)
    clinician.get_by_role("link", name=name).first.click()
    asked_link(clinician)


def _answer_acts(clinician, name: str) -> None:
    """Until they are answered, acts are the client's row, with the rest beside them."""
    row = clinician.locator("section[aria-labelledby=section-acts] li").filter(has_text=name)
    if row.count():
        row.get_by_text("Log what was done").click()
        row.get_by_label("called or wrote").check()
        row.get_by_role("button", name="Save").click()
        clinician.wait_for_url("**/worklist/")


def test_a_line_is_written_for_the_clinician_who_finds_it_and_whose_reading_is_told(site, open_page):
    clinician = sign_in(open_page(), "clinician")
    client = sign_in(open_page(size="phone"), "client")
    _ask_who_is_signed_in(client, clinician)
    client.goto("/forms/")
    client.get_by_role("link", name=re.compile("^Open")).first.click()
    answer(client, *["mostly"] * 5, "no", "0: no urge at all")
    add_line(client, "I nearly did not come today.", "and nobody else")
    client.get_by_role("button", name="Send").click()
    expect(client.get_by_role("heading", name="Thank you")).to_be_visible()
    client.goto("/forms/lines/")
    expect(client.get_by_role("main")).to_contain_text("Nobody has opened it yet")

    clinician.goto("/worklist/")
    _answer_acts(clinician, client.get_by_text("Signed in:").inner_text().removeprefix("Signed in: "))
    clinician.get_by_role("region", name="Lines to read").get_by_role("link", name="Read it").first.click()
    expect(clinician.get_by_role("main")).to_contain_text("I nearly did not come today.")
    assert accessibility_violations(clinician) == []
    clinician.goto("/worklist/")
    expect(clinician.get_by_role("region", name="Lines to read")).to_have_count(0)

    client.goto("/forms/lines/")
    expect(client.get_by_role("main")).to_contain_text("Opened by")
    client.get_by_text("Change who may read it").first.click()
    assert accessibility_violations(client) == []
    client.get_by_label("only me for now").first.check()
    client.get_by_role("button", name="Save").first.click()
    expect(client.get_by_role("main")).to_contain_text("Only you: nobody reads it.")
