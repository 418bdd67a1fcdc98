"""Who may open what: every address, every kind of person, and the bodies carry nobody else's names."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.urls import get_resolver

from accord.clinic.actions import checkins, flags, reactions
from accord.clinic.models import (
    AuditEvent,
    CheckIn,
    Contact,
    ContactReport,
    Flag,
    LineRead,
    LineSharing,
    Reaction,
    Response,
)
from accord.clinic.policy import TABLE, Action, Denied, Relation, can, visible_to
from accord.clinic.urls import SIGN_IN
from tests.integration.test_programme_pages import NAMES as PROGRAMME
from tests.integration.world import HURT, STEADY, World, days_ago, fill, fill_with_line, signed_in

pytestmark = pytest.mark.django_db
PEOPLE = ("ana", "ben", "lind", "ito", "okafor", "supervisor", "lead", "stranger", None)
YES, NO, AWAY = 200, 404, 302  # shown; as if it did not exist; sent to sign in, or on after doing it
UNCLEAR = 400  # may do it, and what was sent cannot be taken

# Per address: who gets which status. Whoever is not named gets NO; without signing in it is always AWAY.
READING = {
    "/worklist/": dict.fromkeys(("lind", "ito", "okafor", "supervisor", "lead", "stranger"), YES),
    "/clients/{ana}/": dict.fromkeys(("lind", "ito", "supervisor"), YES),
    "/clients/{ben}/": {"okafor": YES},
    "/clients/{nobody}/": {},
    "/engagements/{with_lind}/own/": {"lind": YES},
    "/engagements/{with_lind}/contact/": {"lind": YES},
    "/contacts/{contact}/": {"lind": YES},
    "/forms/": {"ana": YES, "ben": YES},
    "/record/opened/": {"ana": YES, "ben": YES},
    "/forms/lines/": {"ana": YES, "ben": YES},
    "/lines/{line}/": {"lind": YES},
    "/lines/{line_to_all}/": {"lind": YES, "ito": YES, "supervisor": YES},
    "/lines/{line_to_nobody}/": {},
    "/engagements/{with_lind}/reactions/": {"lind": YES},
    "/reactions/": dict.fromkeys(("lind", "ito", "okafor", "supervisor", "lead", "stranger"), YES),
    "/reactions/{reaction}/": {"lind": YES},
    "/imports/": {"lead": YES},
    "/noticing/": {"lead": YES},
    "/invitations/": {"lead": YES},
    "/people/{lind}/invite/": {"lead": YES},
    "/people/{nobody}/invite/": {},
    "/imports/new/": {"lead": YES},
    "/imports/preview/?upload=x": {},
}
WRITING = {
    "/flags/{flag}/respond/": {"lind": AWAY},
    "/engagements/{with_lind}/ask/": {"lind": YES},
    "/engagements/{with_lind}/own/": {},
    "/forms/lines/{line}/share/": {"ana": AWAY},
    "/engagements/{with_lind}/contact/": {"lind": AWAY},
    "/contacts/{contact}/": {"lind": AWAY},
    "/engagements/{with_lind}/reactions/": {"lind": UNCLEAR},
    "/reactions/{reaction}/share/": {"lind": AWAY},
    "/reactions/sharings/{sharing}/end/": {"lind": AWAY},
    "/imports/{nobody}/undo/": {},
    "/noticing/": {"lead": AWAY},
    "/people/{lind}/invite/": {"lead": UNCLEAR},
    "/people/{lind}/invite/withdraw/": {"lead": AWAY},
}
REACTIONS = {"reactions", "my-reactions", "reaction", "reaction-share", "reaction-take-back"}
OPEN_TO_ALL = {"home", "about", "health", "checkin", "checkin-sent", "uses-first"}


@pytest.fixture
def world() -> World:
    made = World()
    fill(made.with_lind, HURT)
    fill(made.with_okafor, HURT)
    made.lines = {
        audience: fill_with_line(made.with_lind, f"CANARY-ANA {audience}", audience)
        for audience in ("clinician", "readers", "only_me")
    }
    made.reaction = reactions.keep(
        reaction_id=uuid4(), engagement=made.with_lind, answers={1: 4}, note="CANARY-REACTION", by=made.lind
    )
    made.sharing = reactions.share(reaction=made.reaction, person=made.ito, by=made.lind)
    made.flag = Flag.objects.get(engagement=made.with_lind, kind=Flag.Kind.SAID)
    return made


def _address(pattern: str, world: World) -> str:
    return pattern.format(
        ana=world.ana.pk,
        lind=world.lind.pk,
        ben=world.ben.pk,
        with_lind=world.with_lind.pk,
        flag=world.flag.pk,
        reaction=world.reaction.pk,
        sharing=world.sharing.pk,
        line=world.lines["clinician"].pk,
        line_to_all=world.lines["readers"].pk,
        line_to_nobody=world.lines["only_me"].pk,
        contact=world.with_lind.contacts.get(session=1).pk,
        nobody=uuid4(),
    )


def _person(world: World, name: str | None):
    return getattr(world, name) if name else None


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("pattern", READING)
def test_each_page_opens_for_exactly_those_the_table_names(world, pattern, name):
    expected = AWAY if name is None else READING[pattern].get(name, NO)
    page = signed_in(_person(world, name)).get(_address(pattern, world))
    assert page.status_code == expected
    _holds_no_foreign_name(page, world, name)


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("pattern", WRITING)
def test_each_act_is_open_to_exactly_those_the_table_names_and_a_refusal_writes_nothing(world, pattern, name):
    before = _facts()
    expected = AWAY if name is None else WRITING[pattern].get(name, NO)
    sent = {
        "done": "planned",
        "audience": "readers",
        "contact_id": uuid4(),
        "day": days_ago(0),
        "attendance": "attended",
        "weeks": 4,
        "kind": "individual",
        "whom": f"team:{world.first.pk}",
    }
    page = signed_in(_person(world, name)).post(_address(pattern, world), sent)
    assert page.status_code == expected
    _holds_no_foreign_name(page, world, name)
    if name not in WRITING[pattern]:
        assert _facts() == before


def _holds_no_foreign_name(page, world, name):
    body = page.content.decode()
    assert "CANARY-REACTION" not in body or name in ("lind", "ito")  # its author, and whom they told
    own = {"ana": ("ana",), "ben": ("ben",), "lind": ("ana",), "ito": ("ana",), "okafor": ("ben",)}
    mine = own.get(name or "", ("ana",) if name == "supervisor" else ())
    for client in ("ana", "ben"):
        if client not in mine:
            assert f"CANARY-{client.upper()}" not in body


def _facts():
    kinds = (CheckIn, Contact, ContactReport, Response, Flag, LineSharing, LineRead, Reaction)
    return [kind.objects.count() for kind in kinds]


def test_every_address_of_the_site_is_in_these_tables():
    signing_in = {pattern.name for pattern in SIGN_IN}  # these are in the table of `test_sign_in`
    names = {pattern.name for pattern in get_resolver().url_patterns} - signing_in
    told = {
        "worklist",
        "client",
        "own-checkin",
        "log-contact",
        "correct-contact",
        "forms",
        "who-opened",
        "imports",
        "noticing",
        "import-new",
        "import-preview",
        "respond",
        "invitations",
        "invite",
    }
    told |= {"own-lines", "line", "line-share", *REACTIONS}
    assert names == told | {"ask", "invite-withdraw", "import-undo"} | OPEN_TO_ALL | PROGRAMME


def test_a_hidden_record_and_a_missing_one_look_the_same(world):
    browser = signed_in(world.stranger)
    hidden = browser.get(f"/clients/{world.ana.pk}/")
    missing = browser.get(f"/clients/{uuid4()}/")
    assert hidden.status_code == missing.status_code == NO
    assert _without_secret(hidden) == _without_secret(missing)


def _without_secret(page):
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page.content)


def test_reading_a_clients_page_is_audited_and_a_refusal_is_not_called_a_reading(world):
    signed_in(world.ito).get(f"/clients/{world.ana.pk}/")
    signed_in(world.stranger).get(f"/clients/{world.ana.pk}/")
    event = AuditEvent.objects.get(action="client.read")
    assert (event.actor_id, event.client_id, event.fields) == (world.ito.pk, world.ana.pk, [])


def test_a_clinician_loses_sight_of_a_client_when_the_relationship_ends(world):
    assert signed_in(world.lind).get(f"/clients/{world.ana.pk}/").status_code == YES
    world.with_lind.until = days_ago(1)
    world.with_lind.save()
    assert signed_in(world.lind).get(f"/clients/{world.ana.pk}/").status_code == NO
    assert signed_in(world.ito).get(f"/clients/{world.ana.pk}/").status_code == YES


def test_a_supervisor_reads_and_changes_nothing(world):
    with pytest.raises(Denied):
        flags.respond(flag=world.flag, done="planned", by=world.supervisor)
    with pytest.raises(Denied):
        checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.supervisor)
    page = signed_in(world.supervisor).get(f"/clients/{world.ana.pk}/")
    assert not page.context["page"].can_respond
    assert f"/flags/{world.flag.pk}/respond/" not in page.content.decode()


def test_a_supervisor_sees_only_the_relationships_of_own_teams(world):
    elsewhere = world.engage(world.ana, world.okafor, world.second)
    fill(elsewhere, STEADY)
    seen = set(visible_to(world.supervisor))
    assert seen == {world.with_lind, world.with_ito}
    assert set(visible_to(world.okafor)) == {world.with_okafor, elsewhere, world.with_lind, world.with_ito}


def test_people_of_another_organisation_see_nothing_of_this_one(world):
    other = World()
    for person in (other.lind, other.supervisor, other.lead, other.ana):
        assert not visible_to(person).filter(organisation=world.organisation).exists()
        assert not any(can(person, action, world.ana) for action in Action)
        assert not any(can(person, action, world.with_lind) for action in Action)
        assert not any(can(person, action, world.organisation) for action in Action)


def test_visible_to_and_the_table_agree_for_everybody(world):
    world.engage(world.ana, world.okafor, world.second)
    for name in PEOPLE[:-1]:
        person = _person(world, name)
        seen = set(visible_to(person))
        for engagement in (world.with_lind, world.with_ito, world.with_okafor):
            assert (engagement in seen) == can(person, Action.SEE_CLIENT, engagement), (name, engagement)


def test_an_account_without_a_person_opens_nothing(world):
    from accord.clinic.models import Account

    browser = signed_in(None)
    account = Account.objects.create_user(
        organisation=world.organisation, email="nobody@test.example", password="a-long-password"
    )
    browser.force_login(account)
    for path in ("/", "/worklist/", "/forms/", "/imports/"):
        assert browser.get(path).status_code == NO, path


def test_the_table_decides_every_action_and_denies_by_default():
    assert set(TABLE) == set(Action)
    clinical = {Action.SEE_CLIENT, Action.SEE_WORKLIST, Action.RESPOND, Action.ASK_CHECKIN, Action.RATE_OWN}
    for action in clinical:
        assert not TABLE[action] & {Relation.LEAD, Relation.OWN}, action
    for action in Action:
        if action not in (Action.SEE_CLIENT, Action.SEE_WORKLIST, Action.READ_LINE_TO_READERS):
            assert not TABLE[action] & {Relation.SUPERVISES, Relation.SHARES}, action


def test_a_form_about_another_relationship_cannot_be_saved_here(world):
    second = world.engage(world.ben, world.lind, world.second)
    browser = signed_in(world.lind)
    about = browser.get(f"/engagements/{second.pk}/own/").context["form"]["about"].value()
    sent = {"checkin_id": str(uuid4()), "about": about, "item_1": "5"}
    assert browser.post(f"/engagements/{world.with_lind.pk}/own/", sent).status_code == NO
    assert browser.post(f"/engagements/{second.pk}/own/", sent).status_code == AWAY
    assert browser.post(f"/engagements/{second.pk}/own/", sent).status_code == AWAY
    assert CheckIn.objects.filter(rater="clinician").count() == 1
    assert Contact.objects.filter(engagement=second).count() == 1


def test_the_table_alone_decides_so_that_a_hole_planted_in_it_lets_a_supervisor_respond(world, monkeypatch):
    from accord.clinic.policy import table

    monkeypatch.setattr(table, "TABLE", dict.fromkeys(Action, frozenset(Relation)))
    flags.respond(flag=world.flag, done="planned", by=world.supervisor)
    assert Response.objects.exists()
