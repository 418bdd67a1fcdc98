"""What an instrument looks like across the programme: learned from its relationships, stored as a fact."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accord.clinic.audit.write import record_event
from accord.clinic.facts import current as facts
from accord.clinic.facts import instruments
from accord.clinic.models import ImportBatch, Organisation, Population
from accord.clinic.models.actors import SYSTEM, Actor
from accord.clinic.monitoring import assessment
from accord.records.ratings import Construct, Instrument, Rater

ENOUGH = 10  # relationships below which the stated priors stay


def refit_all(
    *, organisation: Organisation, by: Actor = SYSTEM
) -> Iterator[tuple[str, str, Population | None]]:
    """Learn every followed series anew; for each its instrument, rater and new version, if there is one."""
    for name, rater in facts.series(organisation.pk):
        instrument = instruments.find(organisation.pk, name)
        if instrument.construct is not Construct.OTHER:
            learned = refit(organisation_id=organisation.pk, instrument=instrument, rater=Rater(rater), by=by)
            yield instrument.id, rater, learned


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
