"""Every page, at the desk and on a phone, light and dark: accessible, nothing cut off, nothing foreign."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import RESULTS
from tests.functional.people import add_line, answer, asked_link, sign_in
from tests.support.browser import SCHEMES, SIZES, accessibility_violations
from tests.support.thorough import PROOF

ROOT = RESULTS.parent
PICTURES = RESULTS / "pictures"
ADDRESSES = {
    None: ["/accounts/login/", "/about/"],
    "client": [
        "/forms/",
        "/forms/lines/",
        "/my/answers/",
        "/my/answers/?all=1",
        "/my/uses/",
        "/about/",
        "/record/opened/",
        "/accounts/logout/",
    ],
    "administrator": [
        "/people/",
        "/people/?kind=staff",
        "/people/new/",
        "/teams/",
        "/groups/",
        "/groups/new/",
    ],
    "clinician": ["/worklist/", "/about/", "/reactions/", "/emergency/"],
    "supervisor": ["/worklist/", "/overview/", "/overview/alarms/"],
    "lead": [
        "/imports/",
        "/imports/new/",
        "/noticing/",
        "/leaving/",
        "/worklist/",
        "/overview/",
        "/emergency/opened/",
        "/invitations/",
        "/duty/",
        "/duty/new/",
    ],
}
# Contrast goes with the scheme and what fits with the size, so that two looks show each once.
EVERY_LOOK = [(size, scheme) for size in SIZES for scheme in SCHEMES]
LOOKS = EVERY_LOOK if PROOF else [("desktop", "light"), ("phone", "dark")]


@pytest.fixture(params=LOOKS, ids="-".join)
def look(request):
    return request.param


def size_of(picture: Path) -> tuple[int, int]:
    """Width and height of a PNG file, from its header."""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height


def well(page, name: str, look) -> None:
    """The page as it stands passes axe and is no wider than its window; a picture is kept."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{'-'.join(look)}.png", full_page=True)
    assert accessibility_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("role", ADDRESSES)
def test_pages_of_each_person_are_accessible_and_fit(site, open_page, look, role):
    page = open_page(*look)
    if role:
        sign_in(page, role)
    for address in ADDRESSES[role]:
        page.goto(address)
        well(page, f"{role or 'anybody'}{address.replace('/', '-').rstrip('-')}", look)


def test_somebody_is_invited_and_the_link_opens_a_page_for_a_password(site, open_page, look):
    page = sign_in(open_page(*look), "administrator")
    name = f"Fresh {'-'.join(look)}"
    page.goto("/people/new/?kind=staff")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Code", exact=True).fill(name)
    page.get_by_role("button", name="Add").click()
    page.get_by_role("link", name="Invite to sign in").click()
    well(page, "invite", look)
    page.get_by_label("e-mail to sign in with").fill(f"{name.replace(' ', '.')}@demo.example")
    page.get_by_role("button", name="Make an invitation").click()
    well(page, "invite-made", look)
    link = page.get_by_label("Link", exact=True).input_value()
    page.get_by_role("link", name="Who can sign in").click()
    well(page, "invitations", look)
    fresh = open_page(*look)
    fresh.goto(link)
    well(fresh, "invitation", look)


def test_a_record_is_opened_in_an_emergency_and_the_lead_is_told_why(site, open_page, look):
    keeper = sign_in(open_page(*look), "administrator")
    keeper.goto("/people/?kind=client")
    names = keeper.get_by_role("list", name="People").get_by_role("link").all_inner_texts()
    page = sign_in(open_page(*look), "clinician")
    for name in names:  # the page of whom they treat just opens
        page.goto("/emergency/")
        page.get_by_label("name or code of the client").fill(name)
        page.get_by_label("why you need it now").fill("They are at the door and cannot say who treats them.")
        page.get_by_role("button", name="Open for four hours").click()
        if page.get_by_text("Open in an emergency until").count():
            break
    well(page, "emergency-opened", look)
    lead = sign_in(open_page(*look), "lead")
    lead.goto("/emergency/opened/")
    expect(lead.get_by_text("They are at the door").first).to_be_visible()
    well(lead, "emergencies", look)


def test_the_page_about_a_client_and_the_link_to_hand_over(site, open_page, look):
    page = sign_in(open_page(*look), "clinician")
    page.goto("/worklist/")
    # Of those on the list for an act, somebody may have switched off what draws a course.
    flagged = page.locator("section.reason:not([aria-labelledby=section-acts]) li")
    flagged.filter(has_text="Log what was done").get_by_role("link").first.click()
    well(page, "client", look)
    page.get_by_text("Show as a table").first.click()
    page.get_by_text("Log what was done").first.click()
    well(page, "client-opened", look)
    page.goto("/worklist/")
    page.get_by_role("region", name="Ruptures").get_by_role("link").first.click()
    if page.get_by_role("button", name="Ask for a check-in").count():
        link = asked_link(page)
        well(page, "asked", look)
        _each_screen_of_the_check_in(open_page(*look), link, look)


def _each_screen_of_the_check_in(page, link: str, look) -> None:
    page.goto(link)
    well(page, "checkin-opening", look)
    answer(page, "mostly")
    well(page, "checkin-question", look)
    answer_rest = ["mostly"] * 4 + ["a little", "partly", "3"]
    for choice in answer_rest:
        screen = page.locator(".screen:visible")
        screen.get_by_label(choice, exact=True).check()
        screen.get_by_role("button", name="Next").click()
    well(page, "checkin-own-line", look)
    add_line(page, "Something of my own.")
    well(page, "checkin-closing", look)


def test_a_contact_is_logged_in_a_few_taps_and_corrected(site, open_page, look, watch):
    page = sign_in(open_page(*look), "clinician")
    page.goto("/worklist/")
    page.get_by_role("region", name="Ruptures").get_by_role("link").first.click()
    page.get_by_role("link", name="Log a contact").first.click()
    page.get_by_label("Missed by the client").check()
    well(page, "contact", look)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Latest contacts").first.click()
    assert "missed by the client" in page.locator(".contacts").first.inner_text()
    well(page, "client-contacts", look)
    page.get_by_role("link", name="Correct").first.click()
    assert page.get_by_label("Missed by the client").is_checked()
    page.get_by_label("Announced absence").check()
    page.get_by_label("Was it deliberately difficult?").select_option("limit")
    page.get_by_role("button", name="Save").click()
    assert "Only a contact that took place" in page.get_by_role("main").inner_text()
    well(page, "contact-refused", look)
    watch.errors[:] = [error for error in watch.errors if "400" not in error]
    page.get_by_label("Was it deliberately difficult?").select_option("")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Latest contacts").first.click()
    assert "announced absence" in page.locator(".contacts").first.inner_text()


def test_the_pages_of_a_practice_manager_about_one_person_and_one_group(site, open_page, look):
    page = sign_in(open_page(*look), "administrator")
    page.goto("/people/?words=c001")
    page.get_by_role("list", name="People").get_by_role("link").first.click()
    well(page, "person-client", look)
    page.get_by_role("link", name="End it").click()
    well(page, "care-end", look)
    page.get_by_label("How it ended").select_option("agreed")
    page.get_by_role("button", name="Look at what ends with it").click()
    assert "All of this happens together" in page.get_by_role("main").inner_text()
    well(page, "care-end-look", look)
    page.goto("/groups/")
    page.get_by_role("main").get_by_role("list").get_by_role("link").first.click()
    well(page, "group", look)


def test_a_caseload_is_looked_at_before_it_goes_over(site, open_page, look):
    page = sign_in(open_page(*look), "administrator")
    page.goto("/people/?kind=staff&words=T02")
    page.get_by_role("list", name="People").get_by_role("link").first.click()
    well(page, "person-staff", look)
    page.get_by_role("link", name="Hand over their caseload").click()
    well(page, "handover", look)
    for choice in page.get_by_role("combobox").all():
        choice.select_option(index=1)
    page.get_by_role("button", name="Preview").click()
    well(page, "handover-look", look)
    assert page.get_by_role("button", name="Hand all of it over").count() == 1


def test_what_a_client_allows_is_told_before_the_first_form_and_staff_see_it(site, open_page, look):
    page = sign_in(open_page(*look), "clinician")
    page.goto("/worklist/")
    page.get_by_role("region", name="Not followed").get_by_role("link").first.click()
    well(page, "not-followed", look)
    page.get_by_role("link", name="What answers may be used for").click()
    well(page, "agreements", look)


def test_an_import_is_looked_at_before_it_is_written_and_can_be_undone(site, open_page, look, tmp_path):
    page = sign_in(open_page(*look), "lead")
    page.goto("/imports/new/")
    file = tmp_path / f"ratings-{'-'.join(look)}.csv"
    file.write_text(_ratings("-".join(look)), encoding="utf-8")
    page.get_by_label("File (CSV)").set_input_files(file)
    page.get_by_label("Team, for a file of ratings").select_option(index=1)
    page.get_by_role("button", name="Preview").click()
    assert "1 row cannot be taken" in page.get_by_role("main").inner_text()
    well(page, "import-preview", look)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Import", exact=True).click()
    well(page, "imports-done", look)
    page.get_by_role("link", name=file.name).click()
    well(page, "import-batch", look)
    page.get_by_role("button", name="Undo this import").click()
    well(page, "import-undone", look)
    page.get_by_role("button", name="Put back").click()
    assert "was put back" in page.get_by_role("main").inner_text()
    page.get_by_role("button", name="Undo this import").click()


def _ratings(tag: str) -> str:
    """One relationship falls far below its own course; an answer is about safety, a row out of range."""
    head = "client,clinician,session,date,rater,instrument,score," + ",".join(
        f"item_{n}" for n in range(1, 10)
    )
    rows = [
        f"new-{tag},drew,{k},2026-0{1 + k // 4}-{1 + 7 * (k % 4):02d},client,SRS,{score}" + "," * 9
        for k, score in enumerate([33, 34, 33, 35, 34, 33, 12])
    ]
    rows.append(f"other-{tag},drew,1,2026-01-05,client,PHQ-9,," + ",".join(["1"] * 9))
    rows.append(f"other-{tag},drew,2,2026-01-12,client,SRS,41" + "," * 9)
    return "\n".join([head, *rows]) + "\n"


def test_what_does_not_exist_is_told_calmly(site, open_page, look, watch):
    page = open_page(*look)
    page.goto("/clients/")
    well(page, "missing", look)
    watch.errors[:] = [error for error in watch.errors if "404" not in error]


def test_the_pictures_of_the_readme_are_there_and_show_these_pages(site, open_page):
    """`make pictures` puts what this test takes in their place."""
    page = sign_in(open_page(), "clinician")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.goto("/worklist/")
    page.screenshot(path=PICTURES / "worklist.png", full_page=True)
    page.get_by_role("region", name="Ruptures").get_by_role("link").first.click()
    page.screenshot(path=PICTURES / "client.png", full_page=True)
    for name in ("worklist.png", "client.png"):
        assert f"docs/pictures/{name}" in (ROOT / "README.md").read_text(encoding="utf-8")
        kept, taken = (size_of(folder / name) for folder in (ROOT / "docs" / "pictures", PICTURES))
        assert kept[0] == taken[0]  # as wide; how long a page is changes with the day


def test_a_file_of_events_is_shown_before_it_is_imported(site, open_page, look):
    page = sign_in(open_page(*look), "lead")
    page.goto("/imports/new/")
    page.get_by_label("What it holds").select_option("events")
    rows = b"client,date,kind,count\nC001,2001-02-03,self-injury,1\nnobody,2001-02-03,attempt,1\n"
    page.get_by_label("File (CSV)").set_input_files({"name": "e.csv", "mimeType": "text/csv", "buffer": rows})
    page.get_by_role("button", name="Preview").click()
    assert "a client who is known here" in page.get_by_role("main").inner_text()
    well(page, "import-events", look)
