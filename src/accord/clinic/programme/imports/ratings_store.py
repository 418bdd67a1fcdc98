"""Writing the rows of an import, and taking them back. Both run inside their caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Model, QuerySet
from django.utils import timezone

from accord.clinic.audit.write import record_event, record_event_for_each
from accord.clinic.facts import care
from accord.clinic.facts import current as facts
from accord.clinic.facts.body import body_hash
from accord.clinic.facts.changed import many_changed
from accord.clinic.models import (
    CareEpisode,
    CheckIn,
    Contact,
    Engagement,
    Event,
    ImportBatch,
    Person,
    SafetyRead,
    Scale,
)
from accord.clinic.monitoring import populations
from accord.clinic.policy import Relation
from accord.clinic.programme.imports import care_rows, ratings_rows
from accord.clinic.programme.imports.ratings_rows import Row
from accord.clinic.programme.imports.uploads import Upload
from accord.instruments.catalogue import catalogue

AT_ONCE = 500  # rows in one statement


def write(
    *, upload: Upload, rows: Sequence[Row], read_by: Mapping[str, str], confirmed_not_real: bool, by: Person
) -> ImportBatch:
    """Write people, relationships, contacts, check-ins and who read which safety answer."""
    now = timezone.now()
    batch = ImportBatch.objects.create(
        organisation_id=by.organisation_id,
        by=by,
        filename=upload.filename,
        sha256=upload.sha256,
        confirmed_not_real=confirmed_not_real,
        created_at=now,
        rows=len(rows),
        relationships=len({row.pair for row in rows}),
    )
    _scale(upload, rows, batch)
    engagements = _engagements(rows, UUID(upload.team), batch)
    contacts = _contacts(rows, engagements, batch, now)
    checkins = [_checkin(row, contacts[(*row.pair, row.session)], batch, now) for row in rows]
    CheckIn.objects.bulk_create(checkins, batch_size=AT_ONCE)
    _safety_reads(rows, checkins, read_by, batch)
    many_changed([engagement.pk for engagement in engagements.values()])
    populations.wake_for(batch)
    client_ids = {engagement.client_id for engagement in engagements.values()}
    record_event_for_each(
        by=by, action="import.rows", subject=batch, clients=dict.fromkeys(client_ids, Relation.LEAD)
    )
    record_event(by=by, action="import.commit", subject=batch, fields=["filename", "rows", "relationships"])
    return batch


def _scale(upload: Upload, rows: Sequence[Row], batch: ImportBatch) -> None:
    scale = upload.scale
    if scale is None or scale.name.casefold() in catalogue():
        return
    if not any(row.instrument.id.casefold() == scale.name.casefold() for row in rows):
        return
    Scale.objects.create(
        organisation_id=batch.organisation_id,
        name=scale.name,
        low=scale.low,
        high=scale.high,
        lower_is_better=scale.lower_is_better,
        construct=scale.construct,
        batch=batch,
    )


def _engagements(rows: Sequence[Row], team_id: UUID, batch: ImportBatch) -> dict[tuple[str, str], Engagement]:
    clients = people_of({row.client for row in rows}, Person.Kind.CLIENT, batch)
    clinicians = people_of({row.clinician for row in rows}, Person.Kind.STAFF, batch)
    first: dict[tuple[str, str], date] = {}
    for row in rows:
        first[row.pair] = min(first.get(row.pair, date.max), row.day or date.max)
    known = ratings_rows.engagements(batch.organisation_id)
    result = {}
    for pair, day in first.items():
        since = timezone.localdate() if day == date.max else day
        result[pair] = known.get(pair) or Engagement(
            organisation_id=batch.organisation_id,
            client=clients[pair[0]],
            clinician=clinicians[pair[1]],
            team_id=team_id,
            since=since,
            batch=batch,
        )
        _revive(result[pair], batch)
    new = [engagement for engagement in result.values() if engagement._state.adding]
    Engagement.objects.bulk_create(new, batch_size=AT_ONCE)
    return result


def people_of(codes: Iterable[str], kind: str, batch: ImportBatch) -> dict[str, Person]:
    """People by their code; whom the record does not know yet is made."""
    known = ratings_rows.people(batch.organisation_id, kind)
    result = {}
    for code in sorted(codes):
        fresh = Person(organisation_id=batch.organisation_id, kind=kind, code=code, name=code, batch=batch)
        result[code] = known.get(code) or fresh
        _revive(result[code], batch)
    Person.objects.bulk_create(
        [person for person in result.values() if person._state.adding], batch_size=AT_ONCE
    )
    return result


def _revive(row: Person | Engagement, batch: ImportBatch) -> None:
    """Move a person or relationship that only an undone import knew to this import."""
    if not row._state.adding and row.batch is not None and row.batch.undone_at is not None:
        row.batch = batch
        row.save(update_fields=["batch"])


def _contacts(
    rows: Sequence[Row], engagements: Mapping[tuple[str, str], Engagement], batch: ImportBatch, now: datetime
) -> dict[tuple[str, str, int], Contact]:
    known = ratings_rows.known(batch.organisation_id).contacts
    result: dict[tuple[str, str, int], Contact] = {}
    for row in rows:
        key = (*row.pair, row.session)
        existing = known.get(row.pair, {}).get(row.session)
        contact = result.setdefault(
            key,
            existing
            or Contact(
                organisation_id=batch.organisation_id,
                engagement=engagements[row.pair],
                session=row.session,
                batch=batch,
                made_at=now,
            ),
        )
        # A session's day is the earliest among its rows.
        if contact._state.adding and row.day:
            contact.day = min(contact.day or row.day, row.day)
    Contact.objects.bulk_create(
        [contact for contact in result.values() if contact._state.adding], batch_size=AT_ONCE
    )
    return result


def _checkin(row: Row, contact: Contact, batch: ImportBatch, now: datetime) -> CheckIn:
    answers = ratings_rows.body(row)
    return CheckIn(
        pk=uuid4(),
        organisation_id=batch.organisation_id,
        contact=contact,
        rater=row.rater.value,
        instrument=row.instrument.id,
        instrument_version=row.instrument.version,
        answers=answers,
        given_score=row.given_score,
        received_at=now,
        body_hash=body_hash(contact.pk, row.rater, row.instrument, answers),
        via=CheckIn.Via.IMPORT,
        batch=batch,
    )


def _safety_reads(
    rows: Sequence[Row], checkins: Sequence[CheckIn], read_by: Mapping[str, str], batch: ImportBatch
) -> None:
    today = timezone.localdate()
    reads = [
        SafetyRead(
            organisation_id=batch.organisation_id,
            batch=batch,
            checkin=checkin,
            item=item.number,
            value=row.answers[item.number],
            read_by=read_by[f"read_by_{row.line}_{item.number}"].strip()[:200],
            read_on=today,
        )
        for row, checkin in zip(rows, checkins, strict=True)
        for item in row.instrument.safety_items
        if row.answers.get(item.number, 0) > 0
    ]
    SafetyRead.objects.bulk_create(reads, batch_size=AT_ONCE)


def take_back(*, batch: ImportBatch, touched: Sequence[UUID], by: Person) -> None:
    """Mark a batch as undone. People who have other entries by now are kept."""
    batch.undone_at, batch.undone_by = timezone.now(), by
    batch.save(update_fields=["undone_at", "undone_by"])
    for engagement in Engagement.objects.filter(batch=batch).select_related("client", "clinician"):
        others = facts.current_checkins().filter(contact__engagement=engagement)
        asked = Contact.objects.filter(engagement=engagement, batch__isnull=True)
        if others.exists() or asked.exists():
            # It goes with the other import that knows it, or stays for good where something was entered here.
            by_hand = asked.exists() or others.filter(batch__isnull=True).exists()
            newest = None if by_hand else others.order_by("-received_at")[0].batch
            for row in (engagement, engagement.client, engagement.clinician):
                if row.batch_id == batch.pk:
                    row.batch = newest
                    row.save(update_fields=["batch"])
    _undo_care(batch)
    many_changed(touched)
    populations.wake_for(batch)
    clients = dict.fromkeys(_clients_of(batch), Relation.LEAD)
    record_event_for_each(by=by, action="import.rows_undone", subject=batch, clients=clients)


def _undo_care(batch: ImportBatch) -> None:
    """Replace episodes that nobody here has ended; people with other entries are kept."""
    for episode in care.current_episodes().filter(batch=batch):
        episode.replaced_at = batch.undone_at
        episode.save(update_fields=["replaced_at"])
    for person, other in care_rows.with_other_entries(batch):
        person.batch = other
        person.save(update_fields=["batch"])


def _clients_of(batch: ImportBatch) -> set[UUID]:
    ways = ((CheckIn, "contact__engagement__client"), (Event, "client"), (CareEpisode, "client"))
    return {
        client_id
        for model, way in ways
        for client_id in _rows_of(model, batch).values_list(way, flat=True).distinct()
    }


def _rows_of(model: type[Model], batch: ImportBatch) -> QuerySet[Any]:
    return model._default_manager.filter(batch=batch)
