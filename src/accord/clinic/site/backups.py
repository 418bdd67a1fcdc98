"""Record that a backup was made or restored, for administrators and in the audit log."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accord.clinic.audit.write import record_event
from accord.clinic.models import Heartbeat, Organisation
from accord.clinic.models.actors import Actor


@transaction.atomic
def note(*, at: datetime, by: Actor) -> None:
    """A backup of this moment is whole and on its disk."""
    for organisation in Organisation.objects.order_by("pk"):
        record_event(by=by, action="backup.make", subject=organisation, organisation_id=organisation.pk)
    Heartbeat.objects.update_or_create(name=Heartbeat.BACKUP, defaults={"at": at})


@transaction.atomic
def note_restored(*, by: Actor) -> None:
    for organisation in Organisation.objects.order_by("pk"):
        record_event(by=by, action="backup.restore", subject=organisation, organisation_id=organisation.pk)
