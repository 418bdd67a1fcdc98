"""Undo an import, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone

from accord.clinic.audit.write import record_event_for_each
from accord.clinic.facts import care
from accord.clinic.facts import current as facts
from accord.clinic.facts.changed import many_changed
from accord.clinic.models import CareEpisode, CheckIn, Contact, Engagement, Event, ImportBatch, Person
from accord.clinic.monitoring import populations
from accord.clinic.policy import Relation
from accord.clinic.programme.imports import care_rows

AT_ONCE = 500  # rows in one statement


def take_back(*, batch: ImportBatch, by: Person) -> None:
    """Mark a batch as undone. People and relationships that have other entries by now stay."""
    batch.undone_at, batch.undone_by = timezone.now(), by
    batch.save(update_fields=["undone_at", "undone_by"])
    for engagement in kept_relationships(batch).select_related("client", "clinician"):
        forms, contacts = _other_entries(engagement)
        # Undone later with the other import that knows it, or never where something was entered here.
        by_hand = contacts.exists() or forms.filter(batch__isnull=True).exists()
        newest = None if by_hand else forms.exclude(batch=batch).order_by("-received_at")[0].batch
        for row in (engagement, engagement.client, engagement.clinician):
            if row.batch_id == batch.pk:
                row.batch = newest
                row.save(update_fields=["batch"])
    _undo_care(batch)
    many_changed(touched(batch))
    populations.wake_for(batch)
    audit_rows(batch=batch, action="import.rows_undone", by=by)


def audit_rows(*, batch: ImportBatch, action: str, by: Person) -> None:
    """Write the same event to the record of each client about whom the import holds rows."""
    clients = dict.fromkeys(clients_of(batch), Relation.LEAD)
    record_event_for_each(by=by, action=action, subject=batch, clients=clients)


def touched(batch: ImportBatch) -> list[UUID]:
    """Relationships with answers of this import."""
    return list(CheckIn.objects.filter(batch=batch).values_list("contact__engagement", flat=True).distinct())


def kept_relationships(batch: ImportBatch) -> QuerySet[Engagement]:
    """Relationships that this import brought and that have other entries by now."""
    entered_here = {"engagement": OuterRef("pk"), "batch__isnull": True}
    others = facts.current_checkins().exclude(batch=batch).filter(contact__engagement=OuterRef("pk"))
    rows = Engagement.objects.filter(batch=batch)
    return rows.filter(Exists(others) | Exists(Contact.objects.filter(**entered_here)))


def _other_entries(engagement: Engagement) -> tuple[QuerySet[CheckIn], QuerySet[Contact]]:
    """A relationship's forms, and its contacts that were entered here."""
    forms = facts.current_checkins().filter(contact__engagement=engagement)
    return forms, Contact.objects.filter(engagement=engagement, batch__isnull=True)


def with_other_entries(batch: ImportBatch) -> set[UUID]:
    """People whom this import brought and who stay when it is undone."""
    kept: Iterable[tuple[UUID, UUID]] = kept_relationships(batch).values_list("client", "clinician")
    ids = {person for pair in kept for person in pair}
    ids |= {person.pk for person, _other in care_rows.with_other_entries(batch)}
    return set(Person.objects.filter(batch=batch, pk__in=ids).values_list("pk", flat=True))


def _undo_care(batch: ImportBatch) -> None:
    """Replace episodes that nobody here has ended. People with other entries stay."""
    for episode in care.current_episodes().filter(batch=batch):
        episode.replaced_at = batch.undone_at
        episode.save(update_fields=["replaced_at"])
    for person, other in care_rows.with_other_entries(batch):
        person.batch = other
        person.save(update_fields=["batch"])


def clients_of(batch: ImportBatch) -> set[UUID]:
    """Ids of the clients about whom the import holds rows."""
    ways = ((CheckIn, "contact__engagement__client"), (Event, "client"), (CareEpisode, "client"))
    return {
        client_id
        for model, way in ways
        for client_id in _rows_of(model, batch).values_list(way, flat=True).distinct()
    }


def _rows_of(model: type[Model], batch: ImportBatch) -> QuerySet[Any]:
    return model._default_manager.filter(batch=batch)
