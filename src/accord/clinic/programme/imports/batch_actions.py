"""Undo a whole import of any kind, or put it back."""

from __future__ import annotations

from django.db import transaction

from accord.clinic.audit.write import record_event
from accord.clinic.models import ImportBatch, Organisation, Person
from accord.clinic.policy import Action, check
from accord.clinic.programme.imports import putting_back, undoing
from accord.errors import FormError


def undo(*, batch: ImportBatch, by: Person) -> ImportBatch:
    """Undo a whole import: nothing is deleted, and nothing of it counts any more."""
    check(by, Action.UNDO_IMPORT, batch)
    with transaction.atomic():
        locked_row = _locked(batch)
        if locked_row.undone_at is None:
            undoing.take_back(batch=locked_row, by=by)
            record_event(by=by, action="import.undo", subject=locked_row, fields=["undone_at", "undone_by"])
    return locked_row


def put_back(*, batch: ImportBatch, by: Person) -> ImportBatch:
    """Count everything of an undone import again.

    Raises `FormError` where the record holds other rows in their place.
    """
    check(by, Action.UNDO_IMPORT, batch)
    with transaction.atomic():
        locked_row = _locked(batch)
        if locked_row.undone_at is not None:
            if why := putting_back.obstacle(locked_row):
                raise FormError(why)
            putting_back.put_back(batch=locked_row, by=by)
            record_event(
                by=by, action="import.put_back", subject=locked_row, fields=["undone_at", "undone_by"]
            )
    return locked_row


def _locked(batch: ImportBatch) -> ImportBatch:
    # Locked as an import locks it: values are learned from the record before this act or after it.
    Organisation.objects.select_for_update().get(pk=batch.organisation_id)
    return ImportBatch.objects.select_for_update().get(pk=batch.pk)
