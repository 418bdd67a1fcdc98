"""Episodes of care: one open at a time, ended with their relationships, corrected by a successor."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.checkins.queries import own_forms
from accord.clinic.facts import care, links
from accord.clinic.models import AuditEvent, CareEpisode, Engagement, FactIsFixed
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring.contacts import record
from accord.clinic.policy import Denied
from accord.clinic.programme.care import episodes as care_episodes
from accord.clinic.programme.people import actions as people_actions
from accord.errors import InputError
from tests.support.world import STEADY, World, days_ago, fill, signed_in

pytestmark = pytest.mark.django_db
REASON = CareEpisode.EndReason


@pytest.fixture
def world() -> World:
    return World()


def begin(world, **more):
    told = {"client": world.ana, "since": days_ago(180), "method": "dbt", "by": world.lead} | more
    return care_episodes.begin(**told)


def end(episode, world, **more):
    told = {"episode": episode, "until": days_ago(3), "reason": REASON.AGREED, "by": world.lead} | more
    return care_episodes.end(**told)


def test_a_client_has_at_most_one_open_episode_and_the_database_itself_holds_it(world):
    begin(world)
    with pytest.raises(InputError, match="End it first"):
        begin(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        CareEpisode.objects.create(
            organisation=world.organisation, client=world.ana, since=days_ago(1), method="mbt",
            made_at=timezone.now(),
        )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": days_ago(1)},
        {"end_reason": "left"},
        {"until": days_ago(400), "end_reason": "left"},
        {"planned_end": days_ago(400)},
        {"method": "other"},
    ],
)
def test_the_database_refuses_an_episode_that_cannot_be(world, wrong):
    told = {"since": days_ago(180), "method": "dbt", "made_at": timezone.now()} | wrong
    with pytest.raises(IntegrityError), transaction.atomic():
        CareEpisode.objects.create(organisation=world.organisation, client=world.ana, **told)


def test_ending_an_episode_ends_every_relationship_of_the_client_with_the_day_that_was_shown_before(world):
    episode = begin(world)
    shown = care_episodes.preview_end(episode=episode, until=days_ago(3), by=world.lead)
    assert [(one.pk, last) for one, last in shown.engagements] == [
        (world.with_ito.pk, days_ago(3)),
        (world.with_lind.pk, days_ago(3)),
    ]
    assert Engagement.objects.filter(until__isnull=False).count() == 0
    ended = end(episode, world, reason=REASON.LEFT)
    assert ended == shown
    rows = Engagement.objects.filter(client=world.ana)
    assert {(one.until, one.why_ended) for one in rows} == {(days_ago(3), "clients_wish")}
    assert Engagement.objects.get(pk=world.with_okafor.pk).until is None
    assert AuditEvent.objects.filter(action="engagement.end", client_id=world.ana.pk).count() == 2


def test_without_a_day_an_episode_ends_on_the_day_of_the_last_contact(world):
    episode = begin(world)
    record(engagement=world.with_lind, day=days_ago(30), by=SYSTEM)
    record(engagement=world.with_ito, day=days_ago(12), by=SYSTEM)
    end(episode, world, until=None)
    assert care.newest(world.ana).until == days_ago(12)


def test_what_goes_wrong_within_leaves_the_episode_and_its_relationships_as_they_were(world, monkeypatch):
    episode = begin(world)
    calls = []

    def second_one_breaks(engagement):
        calls.append(engagement)
        if len(calls) == 2:
            raise RuntimeError("planted")
        return Engagement.objects.get(pk=engagement.pk)

    monkeypatch.setattr(care_episodes, "locked", second_one_breaks)
    with pytest.raises(RuntimeError, match="planted"):
        end(episode, world)
    assert not Engagement.objects.filter(until__isnull=False).exists()
    assert care.newest(world.ana).until is None


def test_an_ended_episode_is_ended_once_and_a_new_one_does_not_begin_before_its_end(world):
    episode = begin(world)
    end(episode, world)
    with pytest.raises(InputError, match="ended or was corrected"):
        end(episode, world)
    with pytest.raises(InputError, match="that day or a later"):
        begin(world, since=days_ago(30))
    assert begin(world, since=days_ago(0), method="mbt").until is None


def test_a_correction_is_a_successor_and_the_earlier_row_stays_as_it_was_entered(world):
    first = begin(world)
    second = care_episodes.correct(
        episode=first, since=days_ago(170), method="other", method_words="DBT-PE", by=world.lead
    )
    first.refresh_from_db()
    assert (first.since, first.method, first.replaced_at is not None) == (days_ago(180), "dbt", True)
    assert second.predecessor == first
    assert list(care.current_episodes().filter(client=world.ana)) == [second]
    assert care.episode_text(second).startswith("DBT-PE since")
    with pytest.raises(InputError, match="corrected meanwhile"):
        care_episodes.correct(episode=first, since=days_ago(1), method="dbt", by=world.lead)
    first.method = "gpm"
    with pytest.raises(FactIsFixed):
        first.save()


@pytest.mark.parametrize("name", ["lind", "ito"])
def test_those_who_treat_the_client_may_keep_the_episode_too(world, name):
    assert begin(world, by=getattr(world, name)).pk


@pytest.mark.parametrize("name", ["okafor", "supervisor", "stranger", "ana", "ben"])
def test_nobody_else_may(world, name):
    with pytest.raises(Denied):
        begin(world, by=getattr(world, name))
    with pytest.raises(Denied):
        end(begin(world), world, by=getattr(world, name))


@pytest.mark.parametrize("reason", [REASON.DIED, REASON.DISCHARGED, REASON.LEFT])
def test_whoever_died_or_was_discharged_today_is_shown_and_sent_no_form_from_that_moment_on(world, reason):
    """Their relationships still count today, so it is the episode that must close the forms."""
    episode = begin(world)
    world.tell(world.ana)
    contact, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    assert signed_in(None).get(f"/c/{token}/", follow=True).status_code == 200
    assert len(own_forms(world.ana, timezone.now())) == 1
    end(episode, world, until=days_ago(0), reason=reason)
    assert world.with_lind in Engagement.objects.filter(until=days_ago(0))
    assert signed_in(None).get(f"/c/{token}/", follow=True).status_code == 410
    assert own_forms(world.ana, timezone.now()) == ()
    with pytest.raises(Denied):
        checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    with pytest.raises(Denied):
        fill(world.with_lind, STEADY, contact=contact)
    page = signed_in(world.lind).get(f"/clients/{world.ana.pk}/")
    assert not page.context["page"].can_ask


def test_the_guard_of_the_forms_is_what_closes_them(world, monkeypatch):
    """Planted fault: the same without looking at the episode lets the form through."""
    from accord.clinic.policy import current_engagements

    episode = begin(world)
    world.tell(world.ana)
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    end(episode, world, until=days_ago(0), reason=REASON.DIED)
    monkeypatch.setattr(care, "in_care", current_engagements)
    assert signed_in(None).get(f"/c/{token}/", follow=True).status_code == 200


def test_a_client_whose_care_has_ended_comes_back_by_a_new_episode_only(world):
    end(begin(world), world)
    told = {"client": world.ana, "clinician": world.okafor, "team": world.second, "role": "individual"}
    with pytest.raises(InputError, match="Begin a new treatment"):
        people_actions.start_relationship(**told, since=days_ago(0), by=world.lead)
    begin(world, since=days_ago(0))
    new = people_actions.start_relationship(**told, since=days_ago(0), by=world.lead)
    _, token = checkins.ask(engagement=new, day=days_ago(0), by=world.okafor)
    assert links.read_token(token).client_id == world.ana.pk


def test_the_identity_band_says_which_treatment_and_since_when(world):
    begin(world)
    body = signed_in(world.lind).get(f"/clients/{world.ana.pk}/").content.decode()
    assert care.episode_text(care.newest(world.ana)) in body


def test_how_a_treatment_or_a_relationship_ends_is_never_preselected(world):
    """Retention counts these ends; one that nobody chose would count as a success."""
    episode, client = begin(world), signed_in(world.lead)
    for address, name in (
        (f"/care/{episode.pk}/end/", "reason"), (f"/relationships/{world.with_lind.pk}/end/", "why"),
    ):  # fmt: skip
        page = client.get(address).content.decode()
        select = page.partition(f'<select name="{name}"')[2].partition("</select>")[0]
        assert '<option value="" selected>' in select
        assert select.count("selected") == 1
        assert "required" in select.partition(">")[0]
        day = {"until": days_ago(3).isoformat(), "confirmed": "1"}
        for chosen in ({}, {name: ""}):
            refused = client.post(address, {**day, **chosen})
            assert refused.status_code == 400
            assert "Choose " in refused.content.decode()
    episode.refresh_from_db()
    world.with_lind.refresh_from_db()
    assert (episode.until, episode.end_reason, world.with_lind.until) == (None, "", None)
