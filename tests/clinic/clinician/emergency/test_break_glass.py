"""A record opened in an emergency: for whom, how long, how far, and who is told."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.own_record.opened import who_opened
from accord.clinic.clinician.emergency import actions as break_glass
from accord.clinic.clinician.emergency.queries import openings, unseen
from accord.clinic.models import (
    AuditEvent,
    BreakGlass,
    BreakGlassSeen,
    Contact,
    Event,
    FactIsFixed,
    Flag,
    SealedText,
)
from accord.clinic.monitoring import flags
from accord.clinic.policy import Action, Denied, Relation, can, relations, visible_to
from accord.errors import InputError
from tests.support.world import HURT, World, days_ago, fill, fill_with_line, run_shift, signed_in

pytestmark = pytest.mark.django_db
REASON = "He is at the door, and Lind is on a plane."
HOUR = timedelta(hours=1)
READING = {Action.SEE_CLIENT, Action.SEE_EVENTS}


@pytest.fixture
def world() -> World:
    made = World()
    fill(made.with_lind, HURT)
    made.flag = Flag.objects.get(engagement=made.with_lind, kind=Flag.Kind.SAID)
    return made


def _opened(world: World, ago: timedelta = timedelta()) -> BreakGlass:
    return BreakGlass.objects.create(
        organisation=world.organisation, by=world.okafor, client=world.ana, opened_at=timezone.now() - ago
    )


def test_with_a_reason_in_words_the_page_opens_and_the_reason_is_sealed(world):
    browser = signed_in(world.okafor)
    assert browser.get(f"/clients/{world.ana.pk}/").status_code == 404
    sent = {"client": world.ana.name.lower(), "reason": REASON}
    assert browser.post("/emergency/", sent)["Location"] == f"/clients/{world.ana.pk}/"
    page = browser.get(f"/clients/{world.ana.pk}/")
    assert page.status_code == 200
    assert "Open in an emergency until" in page.content.decode()
    opening = BreakGlass.objects.get()
    assert SealedText.texts([opening], BreakGlass.REASON) == {opening.pk: REASON}
    assert REASON.encode() not in bytes(SealedText.objects.get(row=opening.pk).stored, "utf-8")


@pytest.mark.parametrize("reason", ["", "   ", "urgent", "x" * 501])
def test_without_a_reason_in_words_nothing_opens_and_nothing_is_written(world, reason):
    with pytest.raises(InputError):
        break_glass.open_record(client=world.ana, reason=reason, by=world.okafor)
    sent = {"client": world.ana.code, "reason": reason}
    assert signed_in(world.okafor).post("/emergency/", sent).status_code == 400
    assert not BreakGlass.objects.exists()
    assert not AuditEvent.objects.filter(action="break_glass.open").exists()


def test_in_an_emergency_the_page_shows_acts_first_then_who_treats_them_and_whom_to_call(world):
    Event.objects.create(
        organisation=world.organisation, client=world.ana, day=days_ago(3), kind="attempt", count=1,
        made_at=timezone.now(),
    )  # fmt: skip
    world.with_ito.until = days_ago(3)
    world.with_ito.save()
    run_shift(world.organisation, "Dr Alder")
    _opened(world)
    page = signed_in(world.okafor).get(f"/clients/{world.ana.pk}/").content.decode()
    places = [
        page.index(words)
        for words in ("Attempt to end their life", "Who treats them", "Dr Alder", 'href="tel:000333"', "<svg")
    ]
    assert places == sorted(places)
    treating = page[page.index("Who treats them") : page.index("Dr Alder")]
    assert "Lind" in treating
    assert "Ito" not in treating, "that has ended"
    assert "Who treats them" not in signed_in(world.lind).get(f"/clients/{world.ana.pk}/").content.decode()


def test_only_a_whole_name_or_code_of_one_client_is_taken(world):
    browser = signed_in(world.okafor)
    for word in ("CANARY", "nobody", "", "%"):
        assert browser.post("/emergency/", {"client": word, "reason": REASON}).status_code == 400
    twin = world.client_person(world.ana.name + " twin")
    twin.name = world.ana.name
    twin.save()
    assert browser.post("/emergency/", {"client": world.ana.name, "reason": REASON}).status_code == 400
    assert browser.post("/emergency/", {"client": world.ana.code, "reason": REASON}).status_code == 302


@pytest.mark.parametrize("name", ["lead", "ana", "ben"])
def test_whoever_has_no_work_with_clients_cannot(world, name):
    person = getattr(world, name)
    with pytest.raises(Denied):
        break_glass.open_record(client=world.ana, reason=REASON, by=person)
    sent = {"client": world.ana.name, "reason": REASON}
    assert signed_in(person).post("/emergency/", sent).status_code == 404
    assert not BreakGlass.objects.exists()


def test_nobody_of_another_organisation_can(world):
    with pytest.raises(Denied):
        break_glass.open_record(client=world.ana, reason=REASON, by=World().lind)


def test_whoever_sees_the_client_anyway_opens_nothing(world):
    sent = {"client": world.ana.name, "reason": REASON}
    assert signed_in(world.lind).post("/emergency/", sent).status_code == 302
    assert not BreakGlass.objects.exists()


def test_it_ends_after_four_hours_to_the_moment(world, monkeypatch):
    opening = _opened(world)
    end = opening.opened_at + 4 * HOUR
    for moment, is_open in ((end - timedelta(microseconds=1), True), (end, False), (end + HOUR, False)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert can(world.okafor, Action.SEE_CLIENT, world.ana) is is_open
        assert visible_to(world.okafor).filter(client=world.ana).exists() is is_open


def test_it_can_be_neither_prolonged_nor_moved_nor_taken_back(world):
    opening = _opened(world)
    opening.opened_at += HOUR
    with pytest.raises(FactIsFixed):
        opening.save()
    for change in ({"opened_at": timezone.now()}, {"client": world.ben}, {"by": world.stranger}):
        with pytest.raises(FactIsFixed):
            BreakGlass.objects.filter(pk=opening.pk).update(**change)
    with pytest.raises(FactIsFixed):
        opening.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        from django.db import connection

        connection.cursor().execute(f"UPDATE {BreakGlass._meta.db_table} SET opened_at = opened_at")


def test_asking_again_while_it_lasts_does_not_prolong_it(world):
    _opened(world, 3 * HOUR)
    sent = {"client": world.ana.name, "reason": REASON}
    assert signed_in(world.okafor).post("/emergency/", sent).status_code == 302
    assert BreakGlass.objects.count() == 1
    with pytest.raises(Denied):
        break_glass.open_record(client=world.ana, reason=REASON, by=world.okafor)


def test_it_opens_reading_of_that_client_and_nothing_else(world):
    line = fill_with_line(world.with_lind, "CANARY-LINE", "readers")
    _opened(world)
    assert relations(world.okafor, world.ana) == {Relation.BREAK_GLASS}
    assert {action for action in Action if can(world.okafor, action, world.ana)} == READING
    assert {action for action in Action if can(world.okafor, action, world.with_lind)} == READING
    assert set(visible_to(world.okafor, action=Action.SEE_WORKLIST)) == {world.with_okafor}
    browser = signed_in(world.okafor)
    assert browser.get(f"/lines/{line.pk}/").status_code == 404
    for refused in (
        lambda: flags.respond(flag=world.flag, done="planned", by=world.okafor),
        lambda: checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.okafor),
    ):
        with pytest.raises(Denied):
            refused()


def test_whatever_is_sent_along_it_is_never_wider_or_longer(world):
    """Tampering: every field that the row has and some that it has not, in random company."""
    chance = random.Random(7)
    fields: dict[str, list[str]] = {
        "opened_at": ["2099-01-01 00:00", "0"], "ends_at": ["2099-01-01 00:00"], "by": [str(world.lind.pk)],
        "hours": ["4000", "-1"], "client_id": [str(world.ben.pk)],
        "organisation": [str(uuid4())],
        "predecessor": [str(_opened(world, 9 * HOUR).pk)], "id": [str(world.ben.pk)],
        "action": ["see the page about a client"],
        "relation": [action.value for action in Relation], "write": ["on"],
    }  # fmt: skip
    browser = signed_in(world.stranger)
    for _ in range(40):
        company = {name: chance.choice(fields[name]) for name in chance.sample(sorted(fields), 4)}
        with transaction.atomic():
            address = f"/emergency/?{chance.choice(sorted(fields))}=4000"
            browser.post(address, {**company, "client": world.ana.name, "reason": REASON})
            made = BreakGlass.objects.get(by=world.stranger)
            assert (made.client, made.organisation) == (world.ana, world.organisation)
            assert timezone.now() - made.opened_at < timedelta(minutes=5)
            assert {action for action in Action if can(world.stranger, action, world.ana)} == READING
            assert not can(world.stranger, Action.SEE_CLIENT, world.ben)
            transaction.set_rollback(True)


@pytest.mark.parametrize("broken", ["record_event", "SealedText"])
def test_when_its_event_or_its_reason_cannot_be_written_nothing_opens(world, monkeypatch, broken):
    """The same as being killed between the two: they are one transaction."""

    class Killed(BaseException):
        pass

    def killed(*args, **named):
        assert BreakGlass.objects.exists()  # the row is there, in this transaction alone
        raise Killed

    if broken == "SealedText":
        monkeypatch.setattr(SealedText, "save", killed)
    else:
        monkeypatch.setattr(break_glass, "record_event", killed)
    with pytest.raises(Killed):
        break_glass.open_record(client=world.ana, reason=REASON, by=world.okafor)
    assert not BreakGlass.objects.exists()
    assert not can(world.okafor, Action.SEE_CLIENT, world.ana)


def test_a_planted_early_commit_would_be_seen_by_that_test(world, monkeypatch):
    bare = getattr(break_glass.open_record, "__wrapped__")  # noqa: B009  (without its transaction)

    def killed(*args, **named):
        raise RuntimeError("killed")

    monkeypatch.setattr(break_glass, "record_event", killed)
    with pytest.raises(RuntimeError):
        bare(client=world.ana, reason=REASON, by=world.okafor)
    assert BreakGlass.objects.exists()


def test_the_lead_is_told_with_the_reason_and_a_mark_until_they_have_looked(world):
    break_glass.open_record(client=world.ana, reason=REASON, by=world.okafor)
    browser = signed_in(world.lead)
    page = browser.get("/emergency/opened/").content.decode()
    assert "Emergencies (1 new)" in " ".join(page.split())
    assert REASON in page
    opening = BreakGlass.objects.get()
    for _ in range(2):
        assert browser.post(f"/emergency/{opening.pk}/seen/").status_code == 302
    assert BreakGlassSeen.objects.get().by == world.lead
    assert (unseen(world.lead), openings(world.lead)[0].seen_by) == (0, (world.lead.name,))
    assert AuditEvent.objects.filter(action="break_glass.review", client_id=world.ana.pk).count() == 1


def test_nobody_but_a_lead_of_the_same_programme_reads_why(world):
    break_glass.open_record(client=world.ana, reason=REASON, by=world.okafor)
    for person in (world.okafor, world.supervisor, world.lind, world.ana):
        for reading in (openings, unseen):
            with pytest.raises(Denied):
                reading(person)
    far = World().lead
    assert (openings(far), unseen(far)) == ((), 0)


def test_the_client_sees_by_day_that_it_was_an_emergency(world):
    break_glass.open_record(client=world.ana, reason=REASON, by=world.okafor)
    signed_in(world.okafor).get(f"/clients/{world.ana.pk}/")
    (day,) = who_opened(world.ana).days
    (item,) = [opening for opening in day.openings if opening.name == world.okafor.name]
    assert any("emergency" in what for what in item.what)
    assert "opened your page" in item.what
    assert REASON not in signed_in(world.ana).get("/record/opened/").content.decode()


def test_reading_in_an_emergency_is_in_the_log_with_that_relation(world):
    break_glass.open_record(client=world.ana, reason=REASON, by=world.okafor)
    signed_in(world.okafor).get(f"/clients/{world.ana.pk}/")
    event = AuditEvent.objects.get(action="client.read")
    assert (event.actor_id, event.relation) == (world.okafor.pk, Relation.BREAK_GLASS)
    assert Contact.objects.filter(engagement=world.with_lind).count() == 1
