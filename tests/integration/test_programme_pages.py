"""Pages of those who administer, and a client's own: who gets which, and what can be done on them."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.facts import consents
from accord.clinic.models import (
    CareEpisode,
    Consent,
    Engagement,
    FeedbackMode,
    Group,
    GroupLeader,
    Membership,
    Person,
    Team,
)
from accord.clinic.models.actors import SYSTEM
from accord.clinic.programme.care import episodes as care_episodes
from accord.clinic.programme.groups import actions as group_actions
from tests.support.links import named
from tests.support.world import (
    LOW,
    PASSWORD,
    STEADY,
    World,
    days_ago,
    fill,
    signed_in,
    signed_in_again,
    steady_then,
)

pytestmark = pytest.mark.django_db
NO, AWAY = 404, 302
KEEPERS = ("lead", "office")
TREATING_ANA = ("lind", "ito")
CLIENTS = ("ana", "ben")

# Address -> who gets the page; `tests/access` tries each as everybody.
READING = {
    "/people/": KEEPERS,
    "/people/new/": KEEPERS,
    "/people/{ana}/": KEEPERS,
    "/people/{lind}/": KEEPERS,
    "/people/{ana}/name/": KEEPERS,
    "/people/{lind}/roles/new/": KEEPERS,
    "/people/{ana}/relationships/new/": KEEPERS,
    "/people/{ana}/care/new/": (*KEEPERS, *TREATING_ANA),
    "/people/{lind}/handover/": KEEPERS,
    "/people/{lead}/handover/": ("office",),
    "/people/{ana}/handover/": (),
    "/people/{nobody}/": (),
    "/roles/{role}/end/": KEEPERS,
    "/relationships/{with_lind}/end/": KEEPERS,
    "/care/{episode}/end/": (*KEEPERS, *TREATING_ANA),
    "/care/{episode}/correct/": (*KEEPERS, *TREATING_ANA),
    "/teams/": KEEPERS,
    "/teams/new/": KEEPERS,
    "/teams/{team}/name/": KEEPERS,
    "/groups/": KEEPERS,
    "/groups/new/": KEEPERS,
    "/groups/{group}/": KEEPERS,
    "/groups/{group}/leaders/new/": KEEPERS,
    "/groups/{group}/members/new/": KEEPERS,
    "/leaders/{leader}/end/": KEEPERS,
    "/groups/{group}/meeting/": ("ito",),
    "/clients/{ana}/agreements/": TREATING_ANA,
    "/my/answers/": CLIENTS,
    "/my/answers.csv": CLIENTS,
    "/my/uses/": CLIENTS,
}


class Programme(World):
    """`office` manages the practice; `ana` is in care, `ito` leads a group; `elsewhere` has another site."""

    def __init__(self) -> None:
        super().__init__()
        self.ana.name = "CANARY-HERE"
        self.ana.save()
        self.office = self.staff("Office")
        self.join(self.office, self.first, Membership.Role.ADMINISTRATOR)
        self.elsewhere = World().lead
        self.dora = self.client_person("Dora")
        self.episode = care_episodes.begin(client=self.ana, since=days_ago(100), method="dbt", by=SYSTEM)
        self.group = group_actions.add(
            team=self.first, name="Skills", leader=self.ito, since=days_ago(50), by=SYSTEM
        )
        self.in_group = group_actions.add_member(
            group=self.group, client=self.dora, since=days_ago(40), by=SYSTEM
        )

    def address(self, pattern: str) -> str:
        rows = {
            "ana": self.ana,
            "lind": self.lind,
            "lead": self.lead,
            "with_lind": self.with_lind,
            "episode": self.episode,
            "group": self.group,
            "team": self.first,
            "role": Membership.objects.get(person=self.lind),
            "leader": GroupLeader.objects.get(),
        }
        return pattern.format(**{name: row.pk for name, row in rows.items()}, nobody=uuid4())


@pytest.fixture
def programme() -> Programme:
    return Programme()


def _rows():
    kinds = (CareEpisode, Consent, Engagement, FeedbackMode, Group, GroupLeader, Membership, Person, Team)
    return [list(kind.objects.order_by("pk").values_list()) for kind in kinds]


def test_no_answer_flag_or_finding_is_on_any_page_of_the_office(programme):
    steady_then(programme.with_lind, LOW)
    browser = signed_in_again(programme.office)
    for pattern, keepers in READING.items():
        if "office" not in keepers:
            continue
        body = browser.get(programme.address(pattern)).content.decode().lower()
        for word in ("rupture", "strain", "rating", "session-checkin", "worked towards"):
            assert word not in body.split("<main", 1)[1].split("</main", 1)[0], (pattern, word)


def test_a_practice_manager_takes_a_client_in_and_begins_the_care_and_a_relationship(programme):
    browser = signed_in_again(programme.office)
    made = browser.post("/people/new/", {"kind": "client", "name": "Dora V.", "code": "C-4"})
    dora = Person.objects.get(code="C-4")
    assert made["Location"] == f"/people/{dora.pk}/"
    told = {"since": str(days_ago(2)), "method": "dbt", "method_words": "", "planned_end": ""}
    assert browser.post(f"/people/{dora.pk}/care/new/", told).status_code == AWAY
    told = {"clinician": programme.lind.pk, "role": "individual", "team": programme.first.pk}
    told |= {"since": str(days_ago(2))}
    assert browser.post(f"/people/{dora.pk}/relationships/new/", told).status_code == AWAY
    assert Engagement.objects.get(client=dora).clinician == programme.lind
    page = browser.get(f"/people/{dora.pk}/").content.decode()
    assert "DBT since" in page
    assert "Lind" in page


@pytest.mark.parametrize(
    ("pattern", "sent", "told"),
    [
        ("/people/new/", {"kind": "client", "name": "X", "code": "code-CANARY-ANA"}, "has the code"),
        ("/people/{ana}/care/new/", {"since": "2026-01-01", "method": "dbt"}, "End it first"),
        ("/people/{ana}/care/new/", {"since": "yesterday", "method": "dbt"}, "valid date"),
        ("/relationships/{with_lind}/end/", {"until": "1999-01-01", "why": "step_down"}, "on or after"),
        ("/care/{episode}/end/", {"until": "2999-01-01", "reason": "left"}, "today or an earlier date"),
        ("/groups/new/", {"name": "Skills", "team": "x", "person": "x", "since": ""}, "not a valid UUID"),
        ("/groups/{group}/members/new/", {"code": "nobody", "since": "2026-01-01"}, "No client has the code"),
        ("/people/{lind}/handover/", {}, "required"),
    ],
)
def test_what_cannot_be_is_said_beside_the_form_and_nothing_is_written(programme, pattern, sent, told):
    browser, before = signed_in_again(programme.office), _rows()
    page = browser.post(programme.address(pattern), sent)
    assert page.status_code == 400
    assert told in page.content.decode().replace("&#x27;", "'")
    assert _rows() == before


def test_another_organisations_rows_are_no_choice(programme):
    other = World()
    sent = {
        "clinician": other.lind.pk,
        "role": "individual",
        "team": other.first.pk,
        "since": str(days_ago(0)),
    }
    address = programme.address("/people/{ana}/relationships/new/")
    assert signed_in_again(programme.office).post(address, sent).status_code == 400


def test_ending_care_is_looked_at_before_anything_is_written(programme):
    browser = signed_in_again(programme.office)
    address = programme.address("/care/{episode}/end/")
    sent = {"until": str(days_ago(0)), "reason": "agreed"}
    before = _rows()
    looked = browser.post(address, sent)
    assert looked.status_code == 200
    assert [one.pk for one, _ in looked.context["ending"].engagements] == [
        programme.with_ito.pk,
        programme.with_lind.pk,
    ]
    assert _rows() == before
    assert browser.post(address, {**sent, "confirmed": "1"}).status_code == AWAY
    assert not Engagement.objects.filter(client=programme.ana, until__isnull=True).exists()


def test_a_caseload_is_looked_at_and_then_handed_over_on_one_page(programme):
    leaver = signed_in(programme.lind)
    assert leaver.get("/worklist/").status_code == 200
    browser = signed_in_again(programme.office)
    address = programme.address("/people/{lind}/handover/")
    sent = {f"to_{programme.with_lind.pk.hex}": str(programme.okafor.pk)}
    before = _rows()
    looked = browser.post(address, sent)
    assert looked.context["chosen"] == [(programme.with_lind, programme.okafor)]
    assert _rows() == before
    assert browser.post(address, {**sent, "confirmed": "1"}).status_code == AWAY
    assert programme.with_lind.taken_over_by.clinician == programme.okafor
    assert leaver.get("/worklist/").status_code == AWAY


def test_a_group_is_made_filled_and_its_leader_changed(programme):
    browser = signed_in_again(programme.office)
    sent = {"name": "Mindfulness", "team": programme.first.pk, "person": programme.lind.pk}
    made = browser.post("/groups/new/", sent | {"since": str(days_ago(9))})
    group = Group.objects.get(name="Mindfulness")
    assert made["Location"] == f"/groups/{group.pk}/"
    sent = {"code": programme.ben.code, "since": str(days_ago(1))}
    assert browser.post(f"/groups/{group.pk}/members/new/", sent).status_code == AWAY
    sent = {"person": programme.ito.pk, "since": str(days_ago(1))}
    assert browser.post(f"/groups/{group.pk}/leaders/new/", sent).status_code == AWAY
    leader = group.leaders.get(person=programme.lind)
    assert browser.post(f"/leaders/{leader.pk}/end/", {"until": str(days_ago(0))}).status_code == AWAY
    assert group.engagements.get(until__isnull=True).clinician == programme.ito


def test_nobody_gives_themself_a_role(programme):
    browser = signed_in_again(programme.office)
    sent = {"team": programme.first.pk, "role": "therapist", "since": str(days_ago(0))}
    page = browser.post(f"/people/{programme.office.pk}/roles/new/", sent)
    assert page.status_code == 400
    assert "Ask another administrator" in page.content.decode()
    own = browser.get(f"/people/{programme.office.pk}/").content.decode()
    assert "Your own roles are given by another person" in own
    assert f"/people/{programme.office.pk}/roles/new/" not in own
    assert programme.office.memberships.count() == 1
    others = f"/people/{programme.lind.pk}/roles/new/"
    assert browser.post(others, sent | {"role": "milieu"}).status_code == AWAY


@pytest.mark.parametrize(
    ("who", "links"),
    [
        ("lind", {"/worklist/", "/reactions/"}),
        ("office", {"/people/", "/invitations/"}),
        (
            "lead",
            {
                *("/people/", "/overview/", "/invitations/", "/emergency/opened/"),
                *("/imports/", "/noticing/", "/leaving/", "/duty/"),
            },
        ),
    ],
)
def test_the_navigation_shows_what_somebody_can_open_and_nothing_else(programme, who, links):
    browser = signed_in(getattr(programme, who))
    body = browser.get("/", follow=True).content.decode()
    navigation = body.split('<nav aria-label="Main">')[1].split("</nav>")[0]
    assert set(re.findall(r'href="([^"]+)"', navigation)) == links
    for address in links:
        assert browser.get(address).status_code == 200


@pytest.mark.parametrize(
    "pattern", ["/people/{lind}/roles/new/", "/roles/{role}/end/", "/people/{lind}/handover/"]
)
def test_changing_a_role_asks_for_the_password_again_and_then_goes_on(programme, pattern):
    browser, address = signed_in(programme.office), programme.address(pattern)
    for answer in (browser.get(address), browser.post(address, {"until": str(days_ago(0))})):
        assert answer["Location"].startswith("/accounts/again/?next=")
    assert programme.lind.memberships.filter(until__isnull=True).exists()
    browser.post(answer["Location"], {"password": "wrong"})
    assert browser.get(address).status_code == AWAY
    browser.post("/accounts/again/", {"password": PASSWORD})
    assert browser.get(address).status_code == 200


def test_somebody_with_the_role_from_tomorrow_on_keeps_nothing_today(programme):
    Membership.objects.filter(person=programme.office).update(since=days_ago(-1))
    assert signed_in_again(programme.office).get("/people/").status_code == NO


def test_the_people_are_found_by_name_or_code_a_page_at_a_time(programme):
    browser = signed_in_again(programme.office)
    Person.objects.bulk_create(
        Person(organisation=programme.organisation, kind="client", code=f"Z-{n}", name=f"Zoe {n:03}")
        for n in range(120)
    )
    found = browser.get("/people/?words=zoe&page=3").context["found"]
    assert (found.count, found.page, found.pages, len(found.people)) == (120, 3, 3, 20)
    assert [one.person.code for one in browser.get("/people/?words=z-77").context["found"].people] == ["Z-77"]
    assert browser.get("/people/?page=99999999999999").status_code == 200


def test_the_list_of_people_costs_the_same_however_many_there_are(programme):
    browser = signed_in_again(programme.office)
    few = _statements(browser)
    Person.objects.bulk_create(
        Person(organisation=programme.organisation, kind="client", code=f"Z-{n}", name=f"Zoe {n:03}")
        for n in range(120)
    )
    assert _statements(browser) == few


def _statements(browser):
    """Of opening the list once more on the same day, when its reading has been told already."""
    browser.get("/people/")
    with CaptureQueriesContext(connection) as counted:
        browser.get("/people/")
    return len(counted)


def test_before_the_first_form_a_link_leads_to_what_answers_are_used_for_and_then_to_the_form(programme):
    _, token = checkins.ask(engagement=programme.with_lind, day=days_ago(0), by=programme.lind)
    browser = signed_in(None)
    assert browser.get(f"/c/{token}/", follow=True).redirect_chain[-1][0] == named(token, "uses/")
    page = browser.get(f"/c/{token}/uses/", follow=True).content.decode()
    for told in ("missed and late forms", "leave treatment early", "your treatment stays the same"):
        assert told in page, told
    sent = browser.post(f"/c/{token}/uses/", {"noticing": "no", "leaving": "yes"})
    assert sent["Location"] == named(token)
    assert browser.get(f"/c/{token}/", follow=True).status_code == 200
    assert consents.allowed(programme.ana) == {"noticing": False, "leaving": True, "research": False}
    browser.post(f"/c/{token}/uses/", {"noticing": "yes", "research": "yes"})
    assert consents.allowed(programme.ana)["research"] is False


def test_answers_sent_without_that_page_are_kept_all_the_same(programme):
    _, token = checkins.ask(engagement=programme.with_lind, day=days_ago(0), by=programme.lind)
    sent = signed_in(None).post(f"/c/{token}/", {"checkin_id": str(uuid4()), "item_1": "5"})
    assert sent["Location"] == named(token, "sent/")


def test_a_signed_in_client_switches_off_and_on(programme):
    browser = signed_in(programme.ana)
    browser.post("/my/uses/", {"noticing": "no", "leaving": "no", "research": "no"})
    assert set(consents.allowed(programme.ana).values()) == {False}
    browser.post("/my/uses/", {"noticing": "yes", "leaving": "no", "research": "yes"})
    assert consents.allowed(programme.ana) == {"noticing": True, "leaving": False, "research": True}


def test_a_client_sees_every_own_answer_and_those_given_again_and_nobody_elses(programme):
    first = fill(programme.with_lind, STEADY)
    fill(programme.with_lind, {1: 2}, contact=first.contact)
    fill(programme.with_okafor, STEADY)
    page = signed_in(programme.ana).get("/my/answers/")
    (with_ito, with_lind) = page.context["relationships"]
    assert (with_ito.forms, len(with_lind.forms)) == ((), 2)
    assert [form.again for form in with_lind.forms] == [False, True]
    assert "What we worked towards today" in page.content.decode()
    assert "Okafor" not in page.content.decode()
    lines = signed_in(programme.ana).get("/my/answers.csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 1 + len(STEADY)
    assert sum(",yes" in line[-5:] for line in lines) == len(STEADY)


def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_is_taken_as_words(programme):
    programme.lind.name = "=1+1"
    programme.lind.save()
    fill(programme.with_lind, {1: 2})
    assert "\n'=1+1," in signed_in(programme.ana).get("/my/answers.csv").content.decode().replace("\r", "")


@pytest.mark.parametrize(("mode", "shown"), [("nobody", 0), ("clinician", 0), ("client", 1)])
def test_a_picture_is_there_only_where_it_was_agreed_and_holds_no_state_no_odds_and_nothing_red(
    programme, mode, shown
):
    steady_then(programme.with_lind, LOW)
    consent_actions.set_feedback(client=programme.ana, mode=mode, by=programme.lind)
    page = signed_in(programme.ana).get("/my/answers/")
    assert len(page.context["pictures"]) == shown
    body = page.content.decode()
    main = body.split("<main", 1)[1]
    assert ("a rough patch" in main) == bool(shown)
    for word in ("rupture", "strain", "worse", "calm session", "probability", "notice", "#A33A2C", "#7A3E65"):
        assert word not in main.lower(), word


def test_a_picture_disappears_with_the_use_it_rests_on(programme):
    steady_then(programme.with_lind, LOW)
    consent_actions.set_feedback(client=programme.ana, mode="client", by=programme.lind)
    consent_actions.choose(client=programme.ana, choices={"noticing": False}, by=programme.ana)
    assert signed_in(programme.ana).get("/my/answers/").context["pictures"] == ()


def test_after_discharge_own_answers_are_still_there_and_uses_can_still_be_withdrawn(programme):
    fill(programme.with_lind, STEADY)
    Engagement.objects.filter(client=programme.ana).update(until=days_ago(1))
    browser = signed_in(programme.ana)
    assert len(browser.get("/my/answers/").context["relationships"]) == 2
    assert browser.post("/my/uses/", {"research": "no"}).status_code == AWAY


def test_staff_write_down_what_the_client_said_and_see_how_it_came_about(programme):
    browser = signed_in(programme.lind)
    sent = {"noticing": "no", "leaving": "yes", "research": "no", "mode": "nobody"}
    address = f"/clients/{programme.ana.pk}/agreements/"
    assert browser.post(address, sent).status_code == AWAY
    body = browser.get(address).content.decode()
    assert "written down by Lind" in body
    assert FeedbackMode.objects.get().set_by == programme.lind
    assert browser.post(address, {**sent, "mode": "everybody"}).status_code == 400
