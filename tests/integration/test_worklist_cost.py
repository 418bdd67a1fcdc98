"""A worklist costs what its own clients cost, however many others the programme has."""

from __future__ import annotations

import os

import pytest
from django.db import connection
from django.utils import timezone

from accord.clinic.models import Engagement
from accord.clinic.policy import reading, visible_to
from accord.clinic.queries.worklist import worklist
from tests.integration.world import World
from tests.proofs.worklist_cost import CASELOAD, Cost, Programme, cost

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
SLACK = 1.1  # what may be added to the work of a programme that holds hardly anybody else
PROOF = os.environ.get("ACCORD_HYPOTHESIS") == "proof"
SMALL, SIZES = 120, (5_000, 50_000) if PROOF else (500,)


@pytest.fixture
def programme() -> Programme:
    made = Programme()
    made.grow(SMALL)
    return made


def test_a_worklist_costs_no_more_when_the_programme_around_it_grows(programme):
    viewers = (programme.therapist, programme.supervisor)
    before = [cost(viewer) for viewer in viewers]
    for size in SIZES:
        programme.grow(size)
        for small, viewer in zip(before, viewers, strict=True):
            large = cost(viewer)
            print(f"{connection.vendor}, {size} clients: {large}, of {SMALL}: {small}")
            assert large.queries == small.queries <= MOST_QUERIES
            assert _is_flat(small, large), (size, small, large)


def _is_flat(small: Cost, large: Cost) -> bool:
    """On SQLite. PostgreSQL reads a small table whole, which is quicker: its work is printed and not held."""
    return connection.vendor == "postgresql" or large.work <= small.work * SLACK


def test_a_worklist_that_looks_at_everybody_is_found(programme, monkeypatch):
    """The planted fault: the narrowing to those near the viewer is taken away."""
    monkeypatch.setattr(reading, "around", lambda *_: Engagement.objects.values("pk"))
    before = cost(programme.therapist)
    programme.grow(500)
    after = cost(programme.therapist)
    assert after.work > before.work * SLACK
    assert connection.vendor == "postgresql" or not _is_flat(before, after)


def test_a_worklist_that_asks_for_each_client_is_found(programme):
    def one_by_one(viewer, now):
        found = worklist(viewer, now)
        for client in found.client_ids:
            Engagement.objects.filter(client=client).exists()
        return found

    assert cost(programme.therapist, one_by_one).queries > MOST_QUERIES + CASELOAD / 2


def test_the_narrowing_takes_nobody_away(monkeypatch):
    world = World()
    people = (world.lind, world.ito, world.okafor, world.supervisor, world.lead, world.stranger)
    narrowed = [set(visible_to(person)) for person in people]
    monkeypatch.setattr(reading, "around", lambda *_: Engagement.objects.values("pk"))
    assert [set(visible_to(person)) for person in people] == narrowed
    assert any(narrowed)
    assert worklist(world.lind, timezone.now()).client_ids == {world.ana.pk}
