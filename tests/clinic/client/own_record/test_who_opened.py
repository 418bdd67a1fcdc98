"""A client sees who opened their record, and nobody opens one without its being told there."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, models
from django.urls import get_resolver, reverse
from django.utils import timezone

from accord.clinic.accounts.closing import actions as closing
from accord.clinic.audit.write import record_event, record_event_for_each
from accord.clinic.client.own_record import opened as who_opened
from accord.clinic.clinician.absences import actions as absences
from accord.clinic.facts import links
from accord.clinic.models import (
    AuditEvent,
    BreakGlass,
    CareEpisode,
    ClosingRequest,
    Flag,
    Group,
    GroupLeader,
    OwnLine,
    Person,
)
from accord.clinic.models import guards as append_only
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import flags
from accord.clinic.policy import Relation
from accord.clinic.programme.care import episodes as care_episodes
from accord.clinic.programme.groups import actions as group_actions
from tests.support.world import HURT, World, days_ago, fill, fill_with_line, run_shift, signed_in

pytestmark = pytest.mark.django_db
SOURCE = Path(who_opened.__file__).parents[2]
STAFF = ("lind", "ito", "okafor", "supervisor", "lead", "stranger")

# Who may look into the log at all: its writer, its verification, the client's own page, and the page about a
# client for whether somebody who treats them has seen it since an act came on record.
READ_THE_LOG = {
    "audit/write.py", "audit/read_only_audit_buffer.py", "audit/verification.py", "site/readiness/record.py",
    "client/own_record/opened.py", "audit/openings.py", "programme/audit_log/queries.py",
}  # fmt: skip


@pytest.fixture
def world() -> World:
    made = World()
    fill(made.with_lind, HURT)
    fill(made.with_okafor, HURT)
    made.flag = Flag.objects.get(engagement=made.with_lind, kind=Flag.Kind.SAID)
    return made


def _page(person: Person, address: str = "/record/opened/"):
    return signed_in(person).get(address)


def _days(person: Person):
    return [
        (day.day, [(opening.name, opening.why, opening.what) for opening in day.openings])
        for day in _opened(person).days
    ]


def _opened(person: Person):
    return _page(person).context["opened"]


def test_a_client_sees_by_day_who_opened_their_record_and_why_they_could(world):
    assert _days(world.ana) == []
    assert "Nobody has opened it so far" in _page(world.ana).content.decode()
    for person in (world.lind, world.ito, world.supervisor, world.stranger, world.okafor):
        signed_in(person).get(f"/clients/{world.ana.pk}/")
    assert _days(world.ana) == [
        (
            timezone.localdate(),
            [
                ("Ito", "works with you", ("opened your page",)),
                ("Lind", "works with you", ("opened your page",)),
                ("Supervisor", "supervises a team that works with you", ("opened your page",)),
            ],
        )
    ]
    assert _days(world.ben) == []


def test_the_hour_is_told_nowhere_on_the_page(world):
    signed_in(world.lind).get(f"/clients/{world.ana.pk}/")
    body = _page(world.ana).content.decode()
    assert "Lind" in body
    assert not re.search(r"\d{1,2}:\d{2}", body)


def test_why_is_what_held_at_that_time_also_after_the_relationship_has_ended(world):
    signed_in(world.lind).get(f"/clients/{world.ana.pk}/")
    world.with_lind.until = days_ago(1)
    world.with_lind.save()
    ((_, openings),) = _days(world.ana)
    assert openings == [("Lind", "works with you", ("opened your page",))]


def test_what_somebody_did_stands_beside_what_they_opened_once_a_day(world):
    for _ in range(3):
        signed_in(world.lind).get(f"/clients/{world.ana.pk}/")
        signed_in(world.lind).get("/worklist/")
    flags.respond(flag=world.flag, done="planned", by=world.lind)
    ((_, openings),) = _days(world.ana)
    assert openings == [
        (
            "Lind",
            "works with you",
            ("opened your page", "saw your name on their list of the day", "entered or changed something"),
        )
    ]
    shown = AuditEvent.objects.filter(action="worklist.shown", client_id=world.ana.pk)
    assert shown.count() == 1
    assert AuditEvent.objects.filter(action="worklist.read").count() == 3


def test_a_supervisor_who_sees_the_list_is_told_as_one(world):
    signed_in(world.supervisor).get("/worklist/")
    ((_, openings),) = _days(world.ana)
    assert openings == [
        ("Supervisor", "supervises a team that works with you", ("saw your name on their list of the day",))
    ]


def test_a_copy_taken_out_and_a_file_brought_in_are_told(world):
    clients = {world.ana.pk: Relation.LEAD}
    for action in ("import.rows", "export.research"):
        record_event_for_each(by=world.lead, action=action, subject=world.lead, clients=clients)
    ((_, openings),) = _days(world.ana)
    assert openings == [
        (
            "Lead",
            "leads the programme",
            (
                "took your answers out for research, without your name or exact dates",
                "brought in ratings from a file",
            ),
        )
    ]


def test_many_days_come_a_page_at_a_time_and_none_is_left_out(world, monkeypatch):
    monkeypatch.setattr(who_opened, "DAYS", 3)
    append_only.take_down(connection)
    for day in range(7):
        event = record_event(by=world.lind, action="client.read", subject=world.ana, client_id=world.ana.pk)
        at = timezone.now() - timedelta(days=day)
        models.QuerySet(AuditEvent).filter(pk=event.pk).update(at=at)
    seen, opened = [], _opened(world.ana)
    while opened.earlier:
        seen += [day.day for day in opened.days]
        opened = _page(world.ana, f"/record/opened/?before={opened.earlier}").context["opened"]
    assert [*seen, *(day.day for day in opened.days)] == [days_ago(day) for day in range(7)]
    assert len(seen) == 6
    assert _page(world.ana, "/record/opened/?before=yesterday").status_code == 404


def test_every_relation_that_lets_somebody_open_a_record_has_words_for_the_client():
    from accord.clinic.policy.table import TABLE, Action

    allowed = TABLE[Action.SEE_CLIENT] | TABLE[Action.SEE_WORKLIST] | TABLE[Action.IMPORT]
    assert allowed <= set(who_opened.WHY)


def test_staff_learn_nothing_of_each_others_reading(world):
    for person in (getattr(world, name) for name in STAFF):
        assert _page(person).status_code == 404
    knows = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "AuditEvent" in path.read_text(encoding="utf-8")
        and not {"models", "migrations"} & set(path.relative_to(SOURCE).parts)
    }
    assert knows == READ_THE_LOG


IN_A_WEEK = {"first_day": days_ago(-7), "last_day": days_ago(-9), "announced_on": days_ago(0)}


def _asked_to_close(world: World) -> ClosingRequest:
    """By the clinician of a client who can sign in; the one request for as long as it waits."""
    signed_in(world.ana)
    waiting = closing.open_request(world.ana)
    return waiting or closing.ask_to_close(
        client=world.ana, reason="Another has the password.", by=world.lind
    )


def _filled(pattern: Any, world: World) -> str | None:
    """The address with this world's rows in it; None for one that no client is in."""
    known = {
        "person_id": world.ana.pk,
        "membership_id": world.lind.memberships.get().pk,
        "team_id": world.first.pk,
        "episode_id": CareEpisode.objects.get(client=world.ana).pk,
        "group_id": Group.objects.get(organisation=world.organisation).pk,
        "leader_id": GroupLeader.objects.get(organisation=world.organisation).pk,
        "client_id": world.ana.pk,
        "clinician_id": world.ito.pk,
        "engagement_id": world.with_lind.pk,
        "flag_id": world.flag.pk,
        "contact_id": world.with_lind.contacts.get(session=1).pk,
        "batch_id": uuid4(),
        "absence_id": absences.announce(client=world.ana, by=world.lind, **IN_A_WEEK).pk,
        "shift_id": run_shift(world.organisation, "Dr Alder").pk,
        "line_id": OwnLine.objects.get().pk,
        "reaction_id": uuid4(),
        "sharing_id": uuid4(),
        "opening_id": BreakGlass.objects.get().pk,
        "closing_id": _asked_to_close(world).pk,
        "session_id": 1,  # nobody's sign-in and nobody's key
        "pk": 1,
        "token": links.make_token(world.with_lind.contacts.get(session=1), "session-checkin"),
    }
    wanted = pattern.pattern.converters
    assert set(wanted) <= set(known), f"{pattern.name}: this test must learn what stands for {set(wanted)}"
    return reverse(pattern.name, kwargs={name: known[name] for name in wanted})


@pytest.mark.parametrize("name", STAFF)
def test_whatever_page_shows_a_client_to_somebody_else_leaves_an_event_in_that_clients_record(world, name):
    person = getattr(world, name)
    fill_with_line(world.with_lind, "a line of their own", "readers")
    care_episodes.begin(client=world.ana, since=days_ago(100), method="dbt", by=SYSTEM)
    over = timezone.now() - timedelta(hours=5)
    BreakGlass.objects.create(
        organisation=world.organisation, by=world.stranger, client=world.ana, opened_at=over
    )
    group = group_actions.add(team=world.first, name="Skills", leader=world.ito, since=days_ago(9), by=SYSTEM)
    group_actions.add_member(group=group, client=world.ben, since=days_ago(8), by=SYSTEM)
    shown = 0
    for pattern in get_resolver().url_patterns:
        if pattern.name in BY_LINK or pattern.name in OWN_REACTIONS:
            continue
        browser = signed_in(person)
        for method in ("get", "post"):
            before = _events_about(person)
            page = getattr(browser, method)(_filled(pattern, world))
            for client in (world.ana, world.ben):
                if client.name in page.content.decode():
                    shown += 1
                    assert client.pk in _new(before, _events_about(person), pattern.name), pattern.name
    assert (shown > 0) == (name in ("lind", "ito", "okafor", "supervisor", "lead"))


BY_LINK = ("checkin", "checkin-sent", "uses-first")  # for the client whose record it is
# Their author's own and no part of the record: what a client is told must not give away that there are any.
OWN_REACTIONS = ("reactions", "my-reactions", "reaction", "reaction-share", "reaction-take-back")


def test_keeping_and_reading_own_reactions_leaves_nothing_in_what_a_client_is_told(world):
    browser = signed_in(world.lind)
    address = f"/engagements/{world.with_lind.pk}/reactions/"
    about = browser.get(address).context["form"]["about"].value()
    browser.post(address, {"checkin_id": str(uuid4()), "about": about, "item_1": "4"})
    assert world.ana.name in browser.get("/reactions/").content.decode()
    assert not AuditEvent.objects.filter(client_id=world.ana.pk, actor_id=world.lind.pk).exists()
    assert AuditEvent.objects.filter(action="reaction.keep", client_id=None).count() == 1


def _events_about(person: Person) -> list[tuple[UUID | None, str]]:
    events = AuditEvent.objects.filter(actor_id=person.pk).order_by("sequence")
    return list(events.values_list("client_id", "action"))


def _new(before: list, after: list, name: str | None) -> set[UUID | None]:
    """Whose records the new events are in. A worklist is told once a day, so earlier ones of it count."""
    result = after if name == "worklist" else after[len(before) :]
    return {client for client, action in result if name != "worklist" or action == "worklist.shown"}


def test_a_page_that_forgets_to_tell_is_found(world, monkeypatch):
    """The planted fault for the test above."""
    from accord.clinic.audit import audit_reads

    monkeypatch.setattr(audit_reads, "client", lambda **_: None)
    with pytest.raises(AssertionError, match="client"):
        test_whatever_page_shows_a_client_to_somebody_else_leaves_an_event_in_that_clients_record(
            world, "lind"
        )
