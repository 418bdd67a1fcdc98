"""Flags: raised once for an episode, never gone without a response, withdrawn only with their facts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.models import Assessment, AuditEvent, Flag, Response
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import assessment, flags, populations
from accord.clinic.monitoring.episodes import episodes, to_raise
from accord.clinic.policy import Denied, policy_read_once
from accord.instruments.catalogue import get
from accord.records.ratings import Finding, Rater, State
from tests.support.world import HURT, LOW, STEADY, World, fill, signed_in, steady_then

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def _sections(person):
    return {section.key: section.entries for section in worklist(person, timezone.now()).sections}


def test_a_drop_far_below_their_own_level_is_flagged_with_its_reason_and_how_sure_it_is(world):
    steady_then(world.with_lind, LOW)
    flag = Flag.objects.get()
    assert (flag.kind, flag.session) == ("rupture", 9)
    entry = _sections(world.lind)["likely"][0]
    assert entry.client_name == "CANARY-ANA"
    assert entry.with_whom == "you"
    assert "below their level of" in entry.reason
    assert "(5-35)" in entry.reason
    assert entry.certainty == "about 7 in 10 like this are a rupture, in simulated programmes"
    assert entry.since == timezone.localdate()
    assert (entry.until, entry.sessions) == (None, 1)


def test_the_same_episode_is_flagged_once_however_often_it_is_assessed(world):
    steady_then(world.with_lind, LOW, LOW)
    for _ in range(3):
        flags.reassess(engagement=world.with_lind)
    assert Flag.objects.filter(kind="rupture").count() == 1
    assert AuditEvent.objects.filter(action="flag.raise").count() == Flag.objects.count()


def test_a_rupture_stays_on_the_worklist_until_the_client_says_it_is_settled(world):
    steady_then(world.with_lind, LOW, STEADY, STEADY, STEADY, STEADY)
    flag = Flag.objects.get(kind="rupture")
    entry = _sections(world.lind)["likely"][0]
    assert "nobody can tell from that whether it is settled" in entry.now
    assert entry.until == entry.since, "it lasted one session, and ended when ratings were back"
    flags.respond(flag=flag, done="talked_about", by=world.lind)
    entry = _sections(world.lind)["talked_about"][0]
    assert "talked about it together" in entry.last_response
    flags.respond(flag=flag, done="settled", by=world.lind)
    assert list(_sections(world.lind)) == ["talked_about"]
    fill(world.with_lind, {**STEADY, 6: 1, 7: 2})
    assert _sections(world.lind) == {}
    assert Flag.objects.filter(pk=flag.pk, withdrawn_at=None).exists()


def test_what_was_said_is_not_unsaid_by_answering_again(world):
    first = fill(world.with_lind, HURT)
    fill(world.with_lind, STEADY, contact=first.contact)
    assert list(_sections(world.lind)) == ["said"]


def test_a_strong_urge_to_stop_is_their_own_word_too(world):
    fill(world.with_lind, {**STEADY, 8: 3})
    assert not Flag.objects.exists()
    fill(world.with_lind, {**STEADY, 8: 4})
    assert "urge" in _sections(world.lind)["said"][0].reason


def test_a_flag_is_withdrawn_when_the_answer_it_rests_on_is_corrected(world):
    low = steady_then(world.with_lind, LOW)[-1]
    assert Flag.objects.filter(kind="rupture", withdrawn_at=None).exists()
    fill(world.with_lind, STEADY, contact=low.contact)
    assert not Flag.objects.filter(kind="rupture", withdrawn_at=None).exists()
    assert AuditEvent.objects.filter(action="flag.withdraw").count() == 1


def test_newly_learned_values_never_make_a_flag_disappear(world, monkeypatch):
    steady_then(world.with_lind, LOW)
    real = assessment.assess

    def calm(engagement, as_of):
        found = real(engagement, as_of)
        assert found
        steady = tuple(replace(one, state=State.STEADY) for one in found.assessment.findings)
        return replace(found, assessment=replace(found.assessment, findings=steady))

    monkeypatch.setattr(assessment, "assess", calm)
    flags.reassess(engagement=world.with_lind)
    fill(world.with_lind, STEADY)
    assert Flag.objects.get(kind="rupture").withdrawn_at is None


def _finding(session: int, state: State, low_start: bool = False) -> Finding:
    return Finding(session, None, 20.0, 30.0, 28.0, 32.0, 2.0, 0.6, state, low_start)


def test_only_what_is_open_now_or_began_in_a_form_filled_here_becomes_a_flag():
    states = [State.STEADY, State.RUPTURE, State.BACK, State.STEADY, State.STRAIN, State.NO_RATING]
    found = episodes([_finding(at, state) for at, state in enumerate(states, 1)], "SRS", "m")
    assert [(one.kind, one.sessions, one.is_open) for one in found] == [
        ("rupture", (2,), False),
        ("strain", (5,), True),
    ]
    assert [one.kind for one in to_raise(found, filled_here=(), covered=())] == ["strain"]
    assert [one.kind for one in to_raise(found, filled_here=(2,), covered=())] == ["rupture", "strain"]
    assert [one.kind for one in to_raise(found, filled_here=(2,), covered=(1, 2))] == ["strain"]


def test_a_gap_neither_ends_an_episode_nor_begins_one():
    states = [State.STEADY, State.RUPTURE, State.NO_RATING, State.RUPTURE, State.NO_RATING]
    found = episodes([_finding(at, state) for at, state in enumerate(states, 1)], "SRS", "m")
    assert [(one.sessions, one.is_open) for one in found] == [((2, 4), True)]


def test_strain_leaves_the_worklist_by_itself_and_comes_back_only_as_a_new_one(world):
    assessed = _assessed(world, State.STRAIN)
    flag = Flag.objects.create(
        organisation=world.organisation, engagement=world.with_lind, session=1, kind="strain",
        method_version="m", assessment=assessed, facts="", raised_at=timezone.now(),
        finding={**assessed.findings[-1], "instrument": "SRS"},
    )  # fmt: skip
    assert any("with you" in note for note in _notes(world)), flag
    _assessed(world, State.STEADY)
    assert not any("with you" in note for note in _notes(world))


def _notes(world: World) -> tuple[str, ...]:
    """The notes beside the row that says that Ana was never heard of."""
    [row] = worklist(world.lind, timezone.now()).no_recent_contact
    return row.also


def _assessed(world: World, state: State) -> Assessment:
    return Assessment.objects.create(
        organisation=world.organisation, engagement=world.with_lind, instrument="SRS", instrument_version="1",
        rater="client", method_version="m", revision=0, checkins_seen=1, as_of=timezone.localdate(),
        made_at=timezone.now(), findings=[assessment.to_json(_finding(1, state))], state={},
    )  # fmt: skip


def test_findings_come_back_from_storage_as_they_went_in():
    finding = replace(_finding(3, State.WORSE), day=timezone.localdate())
    assert assessment.from_json(assessment.to_json(finding)) == finding


def test_a_colleague_sees_the_flag_of_the_other_relationship_and_may_not_answer_it(world):
    fill(world.with_ito, STEADY)
    steady_then(world.with_lind, LOW)
    entry = _sections(world.ito)["likely"][0]
    assert not entry.viewer_is_clinician
    assert entry.with_whom == "Lind"
    page = client_page(world.ito, world.ana.pk, timezone.now())
    by_whom = {one.with_whom: one for one in page.relationships}
    assert not by_whom["Lind"].can_respond
    assert by_whom["you (group)"].can_respond


def test_a_relationship_is_silent_after_three_weeks_without_a_report_and_never_called_well(world):
    fill(world.with_lind, STEADY, days=22)
    fill(world.with_ito, STEADY, days=20)
    silent = worklist(world.lind, timezone.now()).no_recent_contact
    assert [(one.with_whom, (timezone.localdate() - one.last_day).days) for one in silent] == [("you", 22)]


def test_a_relationship_that_never_reported_is_silent_too(world):
    found = {
        (one.client_name, one.last_day) for one in worklist(world.okafor, timezone.now()).no_recent_contact
    }
    assert found == {("CANARY-BEN", None)}


def test_the_clinicians_page_shows_the_course_in_a_figure_and_a_table(world):
    steady_then(world.with_lind, LOW)
    page = signed_in(world.lind).get(f"/clients/{world.ana.pk}/")
    relationship = next(one for one in page.context["page"].relationships if one.viewer_is_clinician)
    assert relationship.timeline.startswith("<svg")
    assert len(relationship.table) == 9
    assert "4 of 5 ratings" in relationship.level_words
    assert relationship.assumed
    assert "<svg" in page.content.decode()


def test_responding_through_the_page_is_kept_with_who_and_when(world):
    steady_then(world.with_lind, LOW)
    flag = Flag.objects.get()
    answer = signed_in(world.lind).post(
        f"/flags/{flag.pk}/respond/", {"done": "planned", "next": "/worklist/"}
    )
    assert answer["Location"] == "/worklist/"
    response = Response.objects.get()
    assert (response.flag, response.by, response.done) == (flag, world.lind, "planned")
    assert signed_in(world.lind).post(f"/flags/{flag.pk}/respond/", {"done": "x"}).status_code == 400


def test_values_are_learned_only_from_enough_relationships(world):
    steady_then(world.with_lind)
    learned = populations.refit(
        organisation_id=world.organisation.pk,
        instrument=get("session-checkin"),
        rater=Rater.CLIENT,
        by=SYSTEM,
    )
    assert learned is None


def test_the_worklist_costs_the_same_number_of_queries_for_more_relationships(world):
    def cost() -> int:
        with policy_read_once(), CaptureQueriesContext(connection) as seen:
            worklist(world.lind, timezone.now())
        return len(seen)

    steady_then(world.with_lind, LOW)
    few = cost()
    for number in range(5):
        engagement = world.engage(world.client_person(f"client {number}"), world.lind, world.first)
        fill(engagement, HURT)
    assert cost() == few <= 16  # with the roles and the direct relations of the viewer


def test_only_the_site_itself_raises_flags(world: World):
    with pytest.raises(Denied):
        flags.raise_flag(
            engagement=world.with_lind,
            episode=None,  # type: ignore[arg-type]
            assessment=None,
            digest="",
            by=world.lind,
            now=timezone.now(),
        )
