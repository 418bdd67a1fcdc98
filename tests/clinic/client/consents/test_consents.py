"""What a client switched off stops with the next request, and is never shown as well."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.facts import consents
from accord.clinic.facts import current as facts
from accord.clinic.models import Assessment, AuditEvent, Consent, FeedbackMode, Flag
from accord.clinic.models.actors import SYSTEM, Link
from accord.clinic.monitoring import assessment, flags
from accord.clinic.policy import Denied
from accord.clinic.site.due import run_due
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from tests.support.links import named
from tests.support.world import HURT, LOW, STEADY, World, days_ago, fill, signed_in, steady_then

pytestmark = pytest.mark.django_db
OFF, ON = {"noticing": False}, {"noticing": True}


@pytest.fixture
def world() -> World:
    """`ana` has a computed flag and one in her own words with Lind."""
    made = World()
    steady_then(made.with_lind, LOW, {**LOW, 6: 2})
    assert set(Flag.objects.values_list("kind", flat=True)) == {"rupture", "said"}
    return made


def seen(world):
    page = client_page(world.lind, world.ana.pk, timezone.now())
    (mine,) = (one for one in page.relationships if one.viewer_is_clinician)
    return worklist(world.lind, timezone.now()), mine


def test_each_choice_is_added_and_the_newest_counts(world):
    assert consents.allowed(world.ana) == {"noticing": True, "leaving": True, "research": False}
    consent_actions.choose(client=world.ana, choices={"noticing": False, "research": True}, by=world.ana)
    consent_actions.choose(client=world.ana, choices=ON, by=world.ana)
    assert consents.allowed(world.ana) == {"noticing": True, "leaving": True, "research": True}
    kept = Consent.objects.filter(purpose="noticing").order_by("at")
    assert [(row.allowed, row.noted_by) for row in kept] == [(False, None), (True, None)]
    assert kept[1].predecessor == kept[0]


def test_the_same_choice_again_adds_nothing(world):
    assert consent_actions.choose(client=world.ana, choices=OFF, by=world.ana)
    assert consent_actions.choose(client=world.ana, choices=OFF, by=world.ana) == []


def test_two_beginnings_or_two_successors_are_refused_by_the_database(world):
    (row,) = consent_actions.choose(client=world.ana, choices=OFF, by=world.ana)
    consent_actions.choose(client=world.ana, choices=ON, by=world.ana)
    for predecessor in (None, row):
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(
                organisation=world.organisation, client=world.ana, purpose="noticing", allowed=False,
                at=timezone.now(), predecessor=predecessor,
            )  # fmt: skip


def test_who_treats_the_client_may_write_down_what_they_said_and_is_named(world):
    (row,) = consent_actions.choose(client=world.ana, choices=OFF, by=world.ito)
    assert row.noted_by == world.ito
    assert AuditEvent.objects.get(action="consent.choose").fields == ["noticing"]


@pytest.mark.parametrize("name", ["okafor", "supervisor", "lead", "stranger", "ben"])
def test_nobody_else_chooses_for_a_client(world, name):
    with pytest.raises(Denied):
        consent_actions.choose(client=world.ana, choices=OFF, by=getattr(world, name))
    if name != "ben":
        with pytest.raises(Denied):
            consent_actions.set_feedback(client=world.ana, mode="nobody", by=getattr(world, name))


def test_a_link_takes_the_first_word_only(world):
    consent_actions.choose(client=world.ana, choices=OFF, by=Link(world.ana))
    with pytest.raises(Denied):
        consent_actions.choose(client=world.ana, choices=ON, by=Link(world.ana))
    with pytest.raises(Denied):
        consent_actions.choose(client=world.ben, choices=OFF, by=Link(world.ana))


def _told(shown) -> list[tuple[str, bool]]:
    """Each flag that has a row, and whether something computed is beside it."""
    entries = [entry for section in shown.sections for entry in section.entries]
    return [(entry.kind, any("their level" in note for note in entry.also)) for entry in entries]


def test_switched_off_no_computed_flag_is_shown_and_own_words_still_are(world):
    before, _ = seen(world)
    assert _told(before) == [("said", True)]
    consent_actions.choose(client=world.ana, choices=OFF, by=world.ana)
    after, relationship = seen(world)
    assert _told(after) == [("said", False)]
    assert [flag.kind for flag in relationship.flags] == ["said"]
    assert (relationship.timeline, relationship.level_words, relationship.findings) == ("", "", ())


def test_the_worklist_says_that_it_is_switched_off_and_counts_the_client_nowhere_as_unflagged(world):
    consent_actions.choose(client=world.ana, choices=OFF, by=world.ana)
    found, relationship = seen(world)
    assert [(one.client_name, one.hidden) for one in found.not_computed] == [
        ("CANARY-ANA", "noticing strain is switched off by the client")
    ]
    assert not [one for one in found.no_entry if one.client_id == world.ana.pk]
    assert not [one for one in found.no_recent_contact if one.client_id == world.ana.pk]
    assert relationship.hidden
    assert len(relationship.answers) == 10  # what she filled is still there to be read


def test_switched_off_nothing_is_computed_of_new_answers_but_a_word_is_heard(world):
    consent_actions.choose(client=world.ana, choices=OFF, by=world.ana)
    before = Assessment.objects.count()
    fill(world.with_ito, HURT)
    assert run_due() == (0, 0)
    assert Assessment.objects.count() == before
    assert Flag.objects.get(engagement=world.with_ito).kind == Flag.Kind.SAID


def test_switched_on_again_what_came_meanwhile_is_assessed_by_the_next_round(world):
    consent_actions.choose(client=world.ana, choices=OFF, by=world.ana)
    fill(world.with_lind, LOW)
    consent_actions.choose(client=world.ana, choices=ON, by=world.ana)
    assert list(facts.unassessed(world.ana.engagements.all())) == [world.with_lind]
    assert run_due() == (1, 1)
    assert seen(world)[1].findings[-1].rating == 5.0  # five items answered with 1


def test_the_programmes_values_are_learned_without_those_who_switched_it_off(world, monkeypatch):
    from accord.science.tracker import assess as tracker

    given = []
    monkeypatch.setattr(tracker, "learn", lambda ratings, *_, **__: given.append(ratings))
    fill(world.with_okafor, STEADY)
    told = (world.organisation.pk, get("session-checkin"), Rater.CLIENT)
    assessment.learn(*told)
    consent_actions.choose(client=world.ana, choices=OFF, by=world.ana)
    assessment.learn(*told)
    assert [len(ratings.clients) for ratings in given] == [2, 1]


def test_research_is_only_with_those_who_said_yes_and_withdrawing_takes_them_out(world):
    from accord.clinic.models import Person

    def allowed():
        return set(Person.objects.filter(consents.may_use("research", "pk"), kind="client"))

    assert allowed() == set()
    consent_actions.choose(client=world.ana, choices={"research": True}, by=world.ana)
    assert allowed() == {world.ana}
    consent_actions.choose(client=world.ana, choices={"research": False}, by=world.lind)
    assert allowed() == set()


def test_where_nobody_is_to_see_what_is_computed_staff_see_none_of_it(world):
    assert consents.mode_of(world.ana) == "clinician"
    consent_actions.set_feedback(client=world.ana, mode="nobody", by=world.lind)
    found, relationship = seen(world)
    assert {entry.kind for section in found.sections for entry in section.entries} == {"said"}
    assert relationship.hidden == "nothing computed is shown to anybody, as was agreed"
    consent_actions.set_feedback(client=world.ana, mode="together", by=world.lind)
    assert seen(world)[1].hidden == ""


def test_each_change_of_the_feedback_mode_is_kept_with_who_and_when(world):
    for mode in ("together", "together", "client"):
        consent_actions.set_feedback(client=world.ana, mode=mode, by=world.lind)
    rows = list(FeedbackMode.objects.order_by("at"))
    assert [(row.mode, row.set_by) for row in rows] == [("together", world.lind), ("client", world.lind)]
    assert AuditEvent.objects.filter(action="feedback_mode.set").count() == 2


def test_a_hidden_flag_would_show_without_the_guard(world, monkeypatch):
    """Planted fault: if nothing counted as hidden, the computed flag would be back."""
    consent_actions.choose(client=world.ana, choices=OFF, by=world.ana)
    monkeypatch.setattr(consents, "hidden_of", lambda _: consents.Hidden({}, {}))
    found, _ = seen(world)
    assert _told(found) == [("said", True)]


def test_assessing_by_hand_computes_nothing_either(world):
    consent_actions.choose(client=world.ana, choices=OFF, by=world.ana)
    before = Assessment.objects.count()
    flags.reassess(engagement=world.with_lind, by=SYSTEM)
    assert Assessment.objects.count() == before


def test_no_use_is_chosen_for_a_client_before_they_choose(world):
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    for page in (Client().get(f"/c/{token}/uses/", follow=True), signed_in(world.ana).get("/my/uses/")):
        body = page.content.decode()
        assert body.count('type="radio"') == 6
        assert "checked" not in body.split("<main", 1)[1]
        assert "What you leave open counts as switched off." in body
        assert "whether you may leave treatment early" in body


def test_what_a_client_chose_is_shown_as_chosen(world):
    consent_actions.choose(client=world.ana, choices={"noticing": True, "leaving": False}, by=world.ana)
    body = signed_in(world.ana).get("/my/uses/").content.decode()
    assert body.count(" checked") == 2
    assert 'name="noticing" value="yes" checked' in body
    assert 'name="leaving" value="no" checked' in body


def test_what_a_client_leaves_open_is_a_no_and_is_not_asked_again(world):
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    assert Client().post(f"/c/{token}/uses/", {"leaving": "yes"})["Location"] == named(token)
    assert consents.allowed(world.ana) == {"noticing": False, "leaving": True, "research": False}
    assert Client().get(f"/c/{token}/", follow=True).status_code == 200
