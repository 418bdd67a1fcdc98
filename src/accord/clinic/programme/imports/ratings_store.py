"""Write the rows of an import of ratings, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from django.db.models import prefetch_related_objects
from django.utils import timezone

from accord.clinic.audit.write import record_event, record_event_for_each
from accord.clinic.facts import current as facts
from accord.clinic.facts.body import body_hash
from accord.clinic.facts.changed import many_changed
from accord.clinic.models import (
    CheckIn,
    Contact,
    Engagement,
    ImportBatch,
    Person,
    Scale,
)
from accord.clinic.monitoring import populations
from accord.clinic.policy import Relation
from accord.clinic.programme.imports import confirmed_store, ratings_record, ratings_rows, same_people
from accord.clinic.programme.imports.compare import Difference
from accord.clinic.programme.imports.ratings_preview import Preview
from accord.clinic.programme.imports.ratings_record import Pair
from accord.clinic.programme.imports.ratings_rows import Row
from accord.clinic.programme.imports.safety_answers import SafetyAnswer
from accord.clinic.programme.imports.same_people import CLIENT
from accord.clinic.programme.imports.uploads import Upload
from accord.instruments.catalogue import catalogue

AT_ONCE = 500  # rows in one statement


@dataclass(frozen=True)
class Content:
    """What an import writes. `homes`: the relationship of a row by its line, where it is known already.

    `read`: safety answers of forms that are on record, with the form. `left_out`: those of rows not taken.
    `codes`: kind and code in the file -> code of whom it means. `checks`: code and check of clients.
    """

    rows: Sequence[Row]
    homes: Mapping[int, Engagement] = field(default_factory=dict)
    corrections: Sequence[Difference] = ()
    read: Sequence[tuple[CheckIn, SafetyAnswer]] = ()
    left_out: Sequence[SafetyAnswer] = ()
    codes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    checks: Sequence[tuple[str, str]] = ()


def of_preview(shown: Preview) -> Content:
    """What an import of a confirmed preview writes."""
    rows = [*shown.taken, *(difference.row for difference in shown.compared.differs)]
    written = {row.line for row in shown.taken} | {each.row.line for each in shown.corrected}
    same = {row.line: old for row, old in shown.compared.same}
    new = {key: code for key, code in shown.meant.codes.items() if shown.people.confirmed.get(key) != code}
    named = {(CLIENT, row.client) for row in rows} | {(same_people.STAFF, row.clinician) for row in rows}
    return Content(
        rows=shown.taken,
        homes=shown.compared.homes,
        corrections=shown.corrected,
        read=[(same[each.line], each) for each in shown.safety if each.line in same],
        left_out=[each for each in shown.safety if each.line not in same and each.line not in written],
        codes={(kind, code): to for (kind, code), to in new.items() if (kind, to) in named},
        checks=list(same_people.new_checks(shown.meant, shown.people, {row.client for row in rows})),
    )


def write(*, upload: Upload, content: Content, confirmed_not_real: bool, by: Person) -> ImportBatch:
    """Write people, relationships, contacts, check-ins and who read which safety answer."""
    prefetch_related_objects(_on_record(content), "contact__engagement")
    rows = [*content.rows, *(each.row for each in content.corrections)]
    batch = ImportBatch.objects.create(
        organisation_id=by.organisation_id,
        by=by,
        filename=upload.filename,
        source=upload.source,
        sha256=upload.sha256,
        confirmed_not_real=confirmed_not_real,
        created_at=timezone.now(),
        rows=len(rows),
        relationships=len({row.pair for row in rows}),
    )
    _scale(upload, rows, batch)
    homes = _homes(content, UUID(upload.team), batch)
    checkins = _forms(rows, content, homes, batch)
    read = confirmed_store.keep_read(rows=rows, checkins=checkins, on_record=content.read, batch=batch, by=by)
    confirmed_store.keep_left_out(answers=content.left_out, batch=batch, by=by)
    confirmed_store.keep_recognised(codes=content.codes, checks=content.checks, batch=batch, by=by)
    many_changed({home.pk for home in homes.values()})
    populations.wake_for(batch)
    client_ids = {home.client_id for home in homes.values()} | _clients_read(content.read)
    record_event_for_each(
        by=by, action="import.rows", subject=batch, clients=dict.fromkeys(client_ids, Relation.LEAD)
    )
    fields = ["filename", "rows", "relationships", f"safety answers read: {read + len(content.left_out)}"]
    record_event(by=by, action="import.commit", subject=batch, fields=fields)
    return batch


def _forms(
    rows: Sequence[Row], content: Content, homes: Mapping[int, Engagement], batch: ImportBatch
) -> list[CheckIn]:
    """Write the form of each row, in their order."""
    contacts = _contacts(content.rows, homes, batch)
    about = {row.line: contacts[homes[row.line].pk, row.session] for row in content.rows}
    about |= {each.row.line: each.old.contact for each in content.corrections}
    ends = _ends_of_chains(about.values())
    checkins = [_checkin(row, about[row.line], ends, batch) for row in rows]
    CheckIn.objects.bulk_create(checkins, batch_size=AT_ONCE)
    return checkins


def _on_record(content: Content) -> list[CheckIn]:
    """The forms on record that the import is about."""
    return [*(each.old for each in content.corrections), *(checkin for checkin, _answer in content.read)]


def _clients_read(read: Sequence[tuple[CheckIn, SafetyAnswer]]) -> set[UUID]:
    return {checkin.contact.engagement.client_id for checkin, _answer in read}


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


def _homes(content: Content, team_id: UUID, batch: ImportBatch) -> dict[int, Engagement]:
    """The relationship of each row by its line, made where it is not on record yet."""
    rows = [row for row in content.rows if row.line not in content.homes]
    made = _new_relationships(rows, team_id, batch)
    homes = {row.line: content.homes.get(row.line) or made[row.pair] for row in content.rows}
    for engagement in {home.pk: home for home in homes.values()}.values():
        _revive(engagement, batch, team_id=team_id)
    return homes | {each.row.line: each.engagement for each in content.corrections}


def _new_relationships(rows: Sequence[Row], team_id: UUID, batch: ImportBatch) -> dict[Pair, Engagement]:
    """The relationship of each pair of people in these rows, made where it is not on record."""
    clients = people_of({row.client for row in rows}, Person.Kind.CLIENT, batch)
    clinicians = people_of({row.clinician for row in rows}, Person.Kind.STAFF, batch)
    first: dict[Pair, date] = {}
    for row in rows:
        first[row.pair] = min(first.get(row.pair, date.max), row.day or date.max)
    known = ratings_record.engagements(batch.organisation_id) if rows else {}
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
    new = [engagement for engagement in result.values() if engagement._state.adding]
    Engagement.objects.bulk_create(new, batch_size=AT_ONCE)
    return result


def people_of(codes: Iterable[str], kind: str, batch: ImportBatch) -> dict[str, Person]:
    """People by their code, made where the record does not know them yet."""
    known = ratings_record.people(batch.organisation_id, kind)
    result = {}
    for code in sorted(codes):
        fresh = Person(organisation_id=batch.organisation_id, kind=kind, code=code, name=code, batch=batch)
        result[code] = known.get(code) or fresh
        _revive(result[code], batch)
    Person.objects.bulk_create(
        [person for person in result.values() if person._state.adding], batch_size=AT_ONCE
    )
    return result


def _revive(row: Person | Engagement, batch: ImportBatch, **values: UUID) -> None:
    """Move a person or relationship that only an undone import knew to this import, as this one tells it."""
    if not row._state.adding and row.batch is not None and row.batch.undone_at is not None:
        row.batch = batch
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=["batch", *values])


def _contacts(
    rows: Sequence[Row], homes: Mapping[int, Engagement], batch: ImportBatch
) -> dict[tuple[UUID, int], Contact]:
    """The contact of each relationship and session; a session's day is the earliest among its rows."""
    known = _known_contacts({homes[row.line].pk for row in rows}, batch)
    result: dict[tuple[UUID, int], Contact] = {}
    for row in rows:
        home = homes[row.line]
        key = (home.pk, row.session)
        fresh = Contact(
            organisation_id=batch.organisation_id,
            engagement=home,
            session=row.session,
            batch=batch,
            made_at=batch.created_at,
        )
        contact = result.setdefault(key, known.get(key) or fresh)
        if contact._state.adding and row.day:
            contact.day = min(contact.day or row.day, row.day)
    Contact.objects.bulk_create(
        [contact for contact in result.values() if contact._state.adding], batch_size=AT_ONCE
    )
    return result


def _known_contacts(engagements: Iterable[UUID], batch: ImportBatch) -> dict[tuple[UUID, int], Contact]:
    ids = list(engagements)
    rows = facts.current_contacts().filter(organisation=batch.organisation_id)
    result: dict[tuple[UUID, int], Contact] = {}
    for start in range(0, len(ids), AT_ONCE):
        for contact in rows.filter(engagement__in=ids[start : start + AT_ONCE]):
            result[contact.engagement_id, contact.session] = contact
    return result


Chains = Mapping[tuple[UUID, str, str], CheckIn]  # by contact, rater and instrument


def _ends_of_chains(contacts: Iterable[Contact]) -> Chains:
    """The last form about each of these contacts by each rater, those of undone imports included.

    A new form succeeds it, and so still holds when that import is put back.
    """
    ids = list({contact.pk for contact in contacts})
    result: dict[tuple[UUID, str, str], CheckIn] = {}
    for start in range(0, len(ids), AT_ONCE):
        rows = CheckIn.objects.filter(contact__in=ids[start : start + AT_ONCE])
        for row in rows.order_by("revision", "received_at"):
            result[row.contact_id, row.rater, row.instrument] = row
    return result


def _checkin(row: Row, contact: Contact, ends: Chains, batch: ImportBatch) -> CheckIn:
    answers = ratings_rows.body(row)
    before = ends.get((contact.pk, row.rater.value, row.instrument.id))
    return CheckIn(
        pk=uuid4(),
        organisation_id=batch.organisation_id,
        contact=contact,
        rater=row.rater.value,
        instrument=row.instrument.id,
        instrument_version=row.instrument.version,
        answers=answers,
        given_score=row.given_score,
        received_at=batch.created_at,
        body_hash=body_hash(contact.pk, row.rater, row.instrument, answers),
        via=CheckIn.Via.IMPORT,
        batch=batch,
        predecessor=before,
        revision=before.revision + 1 if before else 0,
    )
