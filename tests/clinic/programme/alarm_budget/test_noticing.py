"""The lead's page about how readily strain is flagged, and what follows from it for each relationship."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accord.clinic.facts import current as facts
from accord.clinic.facts.contact_rate import contacts_per_week
from accord.clinic.models import Assessment, AuditEvent, ImportBatch, Organisation, Population
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import assessment, populations
from accord.clinic.monitoring.assessment_checkpoint import Checkpoint
from accord.clinic.policy import Denied
from accord.clinic.programme.alarm_budget import actions
from accord.clinic.programme.alarm_budget.queries import versions
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from accord.science.tracker.assess import prior
from tests.support.world import STEADY, World, days_ago, fill, signed_in, steady_then

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def _rates(engagement):
    return Checkpoint.from_json(facts.newest_assessment(engagement).basis).rates


def test_the_rhythm_counts_eight_weeks_back_and_takes_a_young_relationship_for_weekly(world):
    steady_then(world.with_lind, before=11)
    young = world.engage(world.ben, world.lind, world.first)
    young.since = days_ago(14)
    young.save()
    result = contacts_per_week(days_ago(0), organisation=world.organisation.pk)
    assert sorted(result[world.ana.pk]) == [1 / 8, 1.0]  # nothing ever with Ito; weekly with Lind
    assert sorted(result[world.ben.pk]) == [1 / 8, 0.75]  # six of eight weeks it has not had


def test_the_line_follows_from_all_relationships_of_the_client(world):
    for at in range(9):
        fill(world.with_ito, STEADY, 7 * (8 - at))
    steady_then(world.with_lind, before=8)
    assert _rates(world.with_lind)[-1][1] == pytest.approx(1 / (8 * 2.0), rel=0.25)
    steady_then(world.with_okafor, before=8)
    assert _rates(world.with_okafor)[-1][1] == pytest.approx(1 / 8, rel=0.25)


def test_another_budget_holds_from_the_next_entry_on_and_changes_nothing_before(world):
    steady_then(world.with_lind)
    before = _rates(world.with_lind)
    actions.set_budget(organisation=world.organisation, weeks=26, by=world.lead)
    assert _rates(world.with_lind) == before
    fill(world.with_lind, STEADY)
    after = _rates(world.with_lind)
    assert after[:-1] == before
    assert after[-1][0] == 9
    assert after[-1][1] < before[-1][1] / 2
    assert facts.newest_assessment(world.with_lind).begins_id is not None  # the course was not replayed


def test_only_the_lead_sets_the_budget_and_it_is_audited(world):
    for person in (world.lind, world.supervisor, world.stranger):
        with pytest.raises(Denied):
            actions.set_budget(organisation=world.organisation, weeks=4, by=person)
    assert signed_in(world.lead).post("/noticing/", {"weeks": 4}).status_code == 302
    assert Organisation.objects.get(pk=world.organisation.pk).weeks_per_false_flag == 4
    assert AuditEvent.objects.get(action="organisation.set_budget").fields == ["weeks_per_false_flag"]
    assert signed_in(world.lead).post("/noticing/", {"weeks": 0}).status_code == 400


@pytest.mark.parametrize("weeks", [0, 53])
def test_the_database_refuses_a_budget_that_makes_no_sense(world, weeks):
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(pk=world.organisation.pk).update(weeks_per_false_flag=weeks)


def test_the_page_says_what_the_budget_means_for_the_caseload(world):
    steady_then(world.with_lind)
    steady_then(world.with_okafor)
    clients, clinicians, flags = assessment.budget(world.organisation, days_ago(0))
    assert (clients, clinicians, flags) == (2, 3, pytest.approx(2 / 8, rel=0.05))
    page = " ".join(signed_in(world.lead).get("/noticing/").content.decode().split())
    assert "one false flag for each client in 8 weeks" in page
    assert "For the 2 clients treated now that makes up to 0.3 false flags a week" in page
    assert "Shared by 3 clinicians, about 0.1 a week for each" in page


def _version(world, relationships, batch=None, **other):
    return Population.objects.create(
        organisation=world.organisation, instrument="session-checkin", rater="client", batch=batch,
        relationships=relationships, made_at=timezone.now(),
        values={**prior(get("session-checkin")).to_json(), **other},
    )  # fmt: skip


def test_the_page_shows_each_version_and_the_one_the_next_assessment_rests_on(world):
    assert versions(world.organisation) == ()
    batch = ImportBatch.objects.create(
        organisation=world.organisation, by=world.lead, filename="year.csv", sha256="", rows=1,
        created_at=timezone.now(), relationships=1,
    )  # fmt: skip
    _version(world, 12, batch)
    _version(world, 30)
    _version(world, 40, low=0.5)  # of another range: it does not fit the form any more
    result = [(version.relationships, version.by, version.in_use) for version in versions(world.organisation)]
    assert result == [(40, "a refit", False), (30, "a refit", True), (12, "the import of year.csv", False)]
    fill(world.with_lind, STEADY)
    assert Assessment.objects.get().population.relationships == 30
    page = signed_in(world.lead).get("/noticing/").content.decode()
    assert "the import of year.csv" in page


def test_nothing_learns_by_itself(world):
    for number in range(populations.ENOUGH):
        steady_then(world.engage(world.client_person(f"c{number}"), world.lind, world.first), before=3)
    assert not Population.objects.exists()
    made = list(populations.refit_all(organisation=world.organisation, by=SYSTEM))
    assert [(name, rater, row.relationships) for name, rater, row in made] == [
        ("session-checkin", Rater.CLIENT.value, populations.ENOUGH)
    ]
