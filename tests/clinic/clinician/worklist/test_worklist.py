"""The worklist: one row for each person, in the order of what cannot wait, and nothing untrue on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.models import Event, Flag, Response
from accord.clinic.monitoring import findings, flags
from accord.records.ratings import State
from tests.support.world import LOW, STEADY, World, days_ago, fill, signed_in, steady_then

TENSION = {**LOW, 6: 2, 7: 0}  # a lot of tension, not settled
SETTLED = {**STEADY, 6: 1, 7: 2}  # a little tension, and settled by the end


@pytest.fixture
def world(db) -> World:
    return World()


def _list(world: World, viewer=None):
    return worklist(viewer or world.lind, timezone.now())


def _keys(world: World) -> dict[str, list[str]]:
    return {
        section.key: [entry.client_name for entry in section.entries] for section in _list(world).sections
    }


def _act(world: World, days: int) -> Event:
    return Event.objects.create(
        organisation=world.organisation, client=world.ana, day=days_ago(days), kind="self-injury", count=1,
        made_at=timezone.now(),
    )  # fmt: skip


def _done(flag: Flag, done: str, world: World) -> Response:
    return flags.respond(flag=flag, done=done, by=world.lind)


def test_a_person_with_a_word_and_a_rupture_is_one_row_that_tells_of_both(world):
    steady_then(world.with_lind, TENSION)
    assert Flag.objects.count() >= 2
    shown = _list(world)
    [section] = shown.sections
    assert section.key == "said"
    [entry] = section.entries
    assert any("below their level of" in note for note in entry.also)
    rows = [*shown.acts, *section.entries, *shown.lines, *shown.no_recent_contact, *shown.leaving.entries]
    assert [row.client_id for row in rows] == [world.ana.pk]


def test_acts_are_the_first_thing_on_the_page_about_a_client_with_their_source_and_who_opened_it(world):
    steady_then(world.with_lind, LOW)
    _act(world, 12)
    browser, address = signed_in(world.lind), reverse("client", args=[world.ana.pk])
    page = browser.get(address).content.decode()
    assert page.index("Self-injury and attempts on record") < page.index("<svg")
    assert "entered here" in page
    assert "Nobody who treats them has opened this page before." in page
    assert "This page was last opened by Lind" in browser.get(address).content.decode()
    assert "Nobody has answered this yet" in page


def test_answering_returns_to_the_list_and_leaves_the_next_thing_there(world):
    steady_then(world.with_lind, TENSION)
    browser = signed_in(world.lind)
    assert f'name="next" value="{reverse("worklist")}"' in browser.get(reverse("worklist")).content.decode()
    said = Flag.objects.get(kind="said")
    sent = {"done": "talked_about", "next": reverse("worklist")}
    assert browser.post(reverse("respond", args=[said.pk]), sent)["Location"] == reverse("worklist")
    [(key, names)] = _keys(world).items()
    assert (key, names) == ("likely", ["CANARY-ANA"])


def test_a_clinician_s_impression_closes_nothing_and_the_client_s_yes_does(world):
    steady_then(world.with_lind, {**LOW, 6: 2, 7: 0})
    for flag in Flag.objects.all():
        _done(flag, "settled", world)
    assert _keys(world) == {"talked_about": ["CANARY-ANA"]}
    fill(world.with_lind, SETTLED)
    assert _keys(world) == {}
    page = signed_in(world.lind).get(reverse("client", args=[world.ana.pk])).content.decode()
    assert "the client said on" in page
    assert "they say it is settled" not in page


def test_a_part_of_a_yes_settles_nothing(world):
    steady_then(world.with_lind, {**LOW, 6: 2, 7: 0})
    for flag in Flag.objects.all():
        _done(flag, "talked_about", world)
    fill(world.with_lind, {**SETTLED, 7: 1})
    assert list(_keys(world)) == ["talked_about"]


def test_what_is_closed_can_be_opened_again_until_the_next_yes(world):
    steady_then(world.with_lind, {**LOW, 6: 2, 7: 0})
    flag = Flag.objects.get(kind="said")
    for each in Flag.objects.all():
        _done(each, "talked_about", world)
    fill(world.with_lind, SETTLED)
    browser = signed_in(world.lind)
    assert "Open it again" in browser.get(reverse("client", args=[world.ana.pk])).content.decode()
    browser.post(reverse("respond", args=[flag.pk]), {"done": "reopened"})
    assert _keys(world) == {"said": ["CANARY-ANA"]}
    _done(flag, "talked_about", world)
    assert _keys(world) == {"talked_about": ["CANARY-ANA"]}


def test_a_flag_that_is_hardly_a_rupture_is_on_the_client_s_page_and_on_no_list(world, monkeypatch):
    steady_then(world.with_lind, LOW)
    assert list(_keys(world)) == ["likely"]
    as_stored = findings.from_json

    def improbable(values):
        finding = as_stored(values)
        return replace(finding, p_rupture=0.12) if finding.state is State.RUPTURE else finding

    monkeypatch.setattr(findings, "from_json", improbable)
    assert _keys(world) == {}
    [shown] = [
        each
        for relationship in client_page(world.lind, world.ana.pk, timezone.now()).relationships
        for each in relationship.flags
    ]
    assert shown.title == "unusual, though a rupture is improbable"
    assert shown.certainty == "about 1 in 10 like this are a rupture, in simulated programmes"
    assert shown.can_respond


def test_a_sentence_about_the_last_rating_has_its_day_and_what_came_since(world):
    steady_then(world.with_lind, LOW)
    [entry] = [entry for section in _list(world).sections for entry in section.entries]
    today = timezone.localdate()
    assert entry.now.startswith(f"Last rating {today.day} ")
    assert "4 of 5 ratings:" in entry.now or "usually at or near" in entry.now
    assert "back" not in entry.now


def test_a_section_says_how_long_the_longest_has_waited(world):
    steady_then(world.with_lind, TENSION)
    [section] = _list(world).sections
    assert section.days == 0
    page = signed_in(world.lind).get(reverse("worklist")).content.decode()
    assert "the longest" not in page


def test_silence_in_another_s_relationship_does_not_stand_before_what_is_known_in_one_s_own(world):
    steady_then(world.with_lind, LOW)
    assert _list(world).no_recent_contact == (), "heard of today, if not by Ito"
    assert [row.client_id for row in _list(world, world.ito).no_recent_contact] == [world.ana.pk]


def test_the_silent_of_whom_something_is_known_come_first(world):
    cleo = world.client_person("Cleo")
    world.engage(cleo, world.lind, world.first)
    world.engage(world.ben, world.lind, world.first)
    fill(world.with_lind, LOW, 60)
    Flag.objects.create(
        organisation=world.organisation, engagement=world.ben.engagements.get(clinician=world.lind),
        session=1, kind="said", method_version="word-1", finding={"said": ["tension"]}, facts="",
        raised_at=timezone.now(),
    )  # fmt: skip
    flags.respond(flag=Flag.objects.get(), done="talked_about", by=world.lind)
    silent = [row.client_name for row in _list(world).no_recent_contact if row.viewer_is_clinician]
    assert silent[0] == "CANARY-BEN"
    assert set(silent) == {"CANARY-ANA", "CANARY-BEN", "Cleo"}


def test_what_spoke_last_on_a_client_s_page_has_its_day_and_claims_no_rating(world):
    steady_then(world.with_lind, LOW)
    fill(world.with_lind, {})
    [shown] = [
        each
        for each in client_page(world.lind, world.ana.pk, timezone.now()).relationships
        if each.engagement == world.with_lind
    ]
    today = timezone.localdate()
    assert shown.spoken.startswith(f"Session of {today.day} {today:%b}. Speaks for a rupture: ")
    assert "latest" not in shown.spoken
