"""A worklist costs what its own clients cost, however many others the programme has."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pytest
from django.db import connection
from django.db.models.functions import Coalesce
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.models import Engagement, Membership
from accord.clinic.policy import TABLE, Action, visible_to
from accord.clinic.policy.direct_relations import DirectRelations
from accord.clinic.policy.relation_queries import not_undone
from tests.proofs.worklist_cost import CASELOAD, Cost, Programme, cost
from tests.support.slow_relations import conditions
from tests.support.thorough import PROOF
from tests.support.world import HURT, World, days_ago, fill

pytestmark = pytest.mark.django_db
MOST_QUERIES = 16  # in one look, with the roles of the viewer and who opened what
SLACK = 1.1  # what may be added to the work of a programme that holds hardly anybody else
SMALL = 120
ON_SQLITE = (5_000, 50_000) if PROOF else (2_000,)
# PostgreSQL reads a small table whole, and rightly: how many rows is held once its tables are large.
ON_POSTGRESQL = (500, 5_000, 20_000, 50_000) if PROOF else (500, 20_000)
LARGE, MOST_ROWS, MOST_PAGES = 20_000, 40 * CASELOAD, 120 * CASELOAD


@pytest.fixture
def programme() -> Programme:
    made = Programme()
    made.grow(SMALL)
    return made


def test_a_worklist_costs_no_more_when_the_programme_around_it_grows(programme):
    viewers = (programme.therapist, programme.supervisor)
    before = [cost(viewer) for viewer in viewers]
    for size in ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE:
        programme.grow(size)
        for small, viewer in zip(before, viewers, strict=True):
            large = cost(viewer)
            print(f"{connection.vendor}, {size} clients: {large}, of {SMALL}: {small}")
            assert large.queries == small.queries <= MOST_QUERIES
            assert _is_flat(small, large, size), (size, small, large)


def _is_flat(small: Cost, large: Cost, size: int) -> bool:
    if connection.vendor == "sqlite":
        return large.work <= small.work * SLACK
    return large.pages <= MOST_PAGES and (size < LARGE or large.work <= MOST_ROWS)


def _by_no_index(direct, asked, engagements=DirectRelations.engagements):
    """The same answer, looked for as an expression, which no index has."""
    rows = Engagement.objects.alias(same=Coalesce("pk", "pk"))
    return rows.filter(same__in=engagements(direct, asked)).values("pk")


def test_a_worklist_that_looks_at_everybody_is_found(programme, monkeypatch):
    """The planted fault: the narrowing begins at no index."""
    monkeypatch.setattr(DirectRelations, "engagements", _by_no_index)
    size = LARGE if connection.vendor == "postgresql" else 2_000
    before = cost(programme.therapist)
    programme.grow(size)
    after = cost(programme.therapist)
    print(f"planted, {connection.vendor}, {size} clients: {after}, of {SMALL}: {before}")
    assert not _is_flat(before, after, size)


def test_a_worklist_that_asks_for_each_client_is_found(programme):
    def one_by_one(viewer, now):
        result = worklist(viewer, now)
        for client in result.client_ids:
            Engagement.objects.filter(client=client).exists()
        return result

    assert cost(programme.therapist, one_by_one).queries > MOST_QUERIES + CASELOAD / 2


@pytest.mark.parametrize("action", [Action.SEE_CLIENT, Action.SEE_WORKLIST, Action.LOG_CONTACT])
def test_the_ways_by_an_index_lead_to_what_the_conditions_say(action):
    world = World()
    world.engage(world.ana, world.okafor, world.second)
    people = (world.lind, world.ito, world.okafor, world.supervisor, world.lead, world.stranger)
    for person in people:
        said = conditions(person, days_ago(0), TABLE[action])
        by_condition = Engagement.objects.filter(
            not_undone(), reduce(or_, said.values()), organisation=world.organisation
        )
        assert set(visible_to(person, action=action)) == set(by_condition), person
    assert worklist(world.lind, timezone.now()).client_ids == {world.ana.pk}


def test_the_page_about_a_client_takes_no_more_statements_with_more_relationships():
    world = World()
    now = timezone.now()

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            shown = client_page(world.lind, world.ana.pk, now)
        assert len(shown.relationships) == world.ana.engagements.count()
        return len(asked)

    for engagement in (world.with_lind, world.with_ito):
        fill(engagement, HURT)
    few = statements()
    for number in range(6):
        clinician = world.staff(f"Another {number}")
        world.join(clinician, world.first, Membership.Role.THERAPIST)
        fill(world.engage(world.ana, clinician, world.first), HURT)
    assert statements() == few
