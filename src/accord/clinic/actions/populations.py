"""What an instrument looks like across the programme: learned from its relationships, stored as a fact."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accord.clinic import assessment
from accord.clinic.actors import Actor
from accord.clinic.audit import record_event
from accord.clinic.models import ImportBatch, Population
from accord.records import Instrument, Rater

ENOUGH = 10  # relationships below which the stated priors stay


def refit(
    *,
    organisation_id: UUID,
    instrument: Instrument,
    rater: Rater,
    by: Actor,
    batch: ImportBatch | None = None,
) -> Population | None:
    """Learn the values anew; None, and the values in use stay, where there is too little to learn from.

    Values learned for a `batch` are dropped when it is undone.
    """
    learned = assessment.learn(organisation_id, instrument, rater)  # seconds: outside the transaction
    if learned is None or learned.relationships < ENOUGH:
        return None
    with transaction.atomic():
        row = Population.objects.create(
            organisation_id=organisation_id,
            instrument=instrument.id,
            rater=rater.value,
            values=learned.to_json(),
            relationships=learned.relationships,
            batch=batch,
            made_at=timezone.now(),
        )
        record_event(by=by, action="population.refit", subject=row, fields=["values"])
    return row
