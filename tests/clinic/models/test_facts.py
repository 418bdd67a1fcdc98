"""Facts are written once: no ordinary path changes or deletes one."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from accord.clinic.models import (
    Assessment,
    AuditEvent,
    CheckIn,
    Contact,
    FactIsFixed,
    Organisation,
    guards,
)
from accord.clinic.models.fact import AppendOnly, Fact
from tests.support.world import HURT, STEADY, World, fill

pytestmark = pytest.mark.django_db


def test_a_checkin_cannot_be_changed_or_deleted_by_any_ordinary_path():
    checkin = fill(World().with_lind, STEADY)
    checkin.answers = {}
    for attempt in (
        checkin.save,
        checkin.delete,
        CheckIn.objects.all().delete,
        lambda: CheckIn.objects.update(answers={}),
        lambda: CheckIn.objects.bulk_update([checkin], ["answers"]),
        lambda: CheckIn.objects.filter(pk=checkin.pk).update(given_score=1),
    ):
        with pytest.raises(FactIsFixed):
            attempt()
    assert CheckIn.objects.get(pk=checkin.pk).answers == {"1": 6, "2": 6, "3": 6, "4": 6, "5": 6}


def test_saving_a_new_row_under_a_known_id_does_not_overwrite_the_fact_that_is_there():
    checkin = fill(World().with_lind, STEADY)
    other = CheckIn(
        pk=checkin.pk, organisation=checkin.organisation, contact=checkin.contact, rater="client",
        instrument="session-checkin", instrument_version="1", received_at=timezone.now(), body_hash="",
        via="link",
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save()
    assert CheckIn.objects.get(pk=checkin.pk).answers


@pytest.mark.parametrize("model", [Contact, Assessment, AuditEvent])
def test_every_kind_of_fact_refuses_changes(model):
    fill(World().with_lind, STEADY)
    row = model.objects.first()
    with pytest.raises(FactIsFixed):
        row.save()
    with pytest.raises(FactIsFixed):
        row.delete()


def test_every_model_of_facts_keeps_the_guard_on_its_manager():
    kinds: list[Any] = [kind for kind in _leaves(AppendOnly) if not kind._meta.abstract]
    assert len(kinds) >= 8
    for kind in kinds:
        with pytest.raises(FactIsFixed):
            kind.objects.update(organisation_id=None)
        with pytest.raises(FactIsFixed):
            kind.objects.all().delete()


def test_what_a_fact_belongs_to_cannot_be_deleted_from_under_it():
    world = World()
    fill(world.with_lind, STEADY)
    with pytest.raises(Exception, match="protected"):
        Organisation.objects.get(pk=world.organisation.pk).delete()
    with pytest.raises(Exception, match="protected"):
        world.with_lind.delete()


def _leaves(model: Any) -> list[Any]:
    below = model.__subclasses__()
    return (
        [model] if not below and model is not Fact else [leaf for model in below for leaf in _leaves(model)]
    )


def test_forms_from_before_their_chains_were_counted_get_their_place_in_them():
    world = World()
    first = fill(world.with_lind, STEADY)
    chain = [first, *(fill(world.with_lind, HURT | {1: at}, contact=first.contact) for at in (1, 2))]
    alone = fill(world.with_lind, STEADY)
    connection.check_constraints()  # PostgreSQL drops no trigger while foreign keys wait to be checked
    guards.take_down(connection)
    models.QuerySet(CheckIn).update(revision=0)
    as_migrated = MigrationLoader(connection).project_state().apps
    import_module("accord.clinic.migrations.0027_checkin_revisions").count(as_migrated, None)
    connection.check_constraints()
    guards.put_up(connection)
    revisions = dict(CheckIn.objects.values_list("pk", "revision"))
    assert [revisions[checkin.pk] for checkin in (*chain, alone)] == [0, 1, 2, 0]
