"""Import episodes of care or events, with the preview, errors and undo of a file of ratings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from accord.clinic.audit.write import record_event, record_event_for_each
from accord.clinic.models import CareEpisode, Event, ImportBatch, Organisation, Person
from accord.clinic.policy import Relation
from accord.clinic.programme.imports import analyze, care_rows, confirmed_store, uploads
from accord.clinic.programme.imports.care_preview import CarePreview, preview
from accord.clinic.programme.imports.care_rows import EpisodeRow, EventRow, Row
from accord.clinic.programme.imports.confirmations import NO_ANSWERS, NOT_REAL, Unconfirmed, unconfirmed
from accord.clinic.programme.imports.ratings_store import AT_ONCE, people_of
from accord.clinic.programme.imports.uploads import Upload

__all__ = ["CarePreview", "commit", "preview", "write"]

# The audit action in the record of each client whom an import names.
ACTIONS = {ImportBatch.What.EPISODES.value: "import.episodes", ImportBatch.What.EVENTS.value: "import.events"}


def commit(
    *, upload: Upload, by: Person, confirmed: Collection[str], answers: Mapping[str, str] = NO_ANSWERS
) -> ImportBatch:
    """Import an upload, all of it in one transaction. Raises `Unconfirmed` when something is not confirmed.

    `confirmed`: names of the boxes that were ticked; `answers`: of the questions about people.
    """
    with transaction.atomic():
        # One import at a time, so that what was compared with the record still holds when it is written.
        Organisation.objects.select_for_update().get(pk=by.organisation_id)
        shown = preview(upload=upload, by=by, answers=answers)
        if problems := unconfirmed(shown, confirmed):
            raise Unconfirmed(problems)
        batch = write(upload=upload, rows=shown.taken, confirmed_not_real=NOT_REAL in confirmed, by=by)
        confirmed_store.keep_left_out(answers=shown.safety, batch=batch, by=by)
        confirmed_store.keep_recognised(codes=_codes(shown), checks=(), batch=batch, by=by)
        uploads.remove(upload=upload, by=by)
    analyze.count_rows()
    return batch


def _codes(shown: CarePreview) -> dict[tuple[str, str], str]:
    """Kind and code in the file -> the client of a row that was taken, if not known for this source."""
    taken = {row.client for row in shown.taken}
    known = shown.people.confirmed
    return {key: code for key, code in shown.meant.codes.items() if code in taken and known.get(key) != code}


def write(*, upload: Upload, rows: Sequence[Row], confirmed_not_real: bool, by: Person) -> ImportBatch:
    """Write the rows, and the people whom they make known, inside the caller's transaction."""
    batch = ImportBatch.objects.create(
        organisation_id=by.organisation_id,
        by=by,
        what=upload.what,
        filename=upload.filename,
        source=upload.source,
        sha256=upload.sha256,
        confirmed_not_real=confirmed_not_real,
        created_at=timezone.now(),
        rows=len(rows),
        relationships=0,
    )
    clients = people_of({row.client for row in rows}, Person.Kind.CLIENT, batch)
    CareEpisode.objects.bulk_create(
        [_episode(row, clients[row.client], batch) for row in rows if isinstance(row, EpisodeRow)],
        batch_size=AT_ONCE,
    )
    Event.objects.bulk_create(
        [_event(row, clients[row.client], batch) for row in rows if isinstance(row, EventRow)],
        batch_size=AT_ONCE,
    )
    relations = dict.fromkeys((client.pk for client in clients.values()), Relation.LEAD)
    record_event_for_each(by=by, action=ACTIONS[batch.what], subject=batch, clients=relations)
    record_event(by=by, action="import.commit", subject=batch, fields=["what", "filename", "rows"])
    return batch


def _episode(row: EpisodeRow, client: Person, batch: ImportBatch) -> CareEpisode:
    method, words = care_rows.method_of(row.arm)
    return CareEpisode(
        organisation_id=batch.organisation_id,
        client=client,
        since=row.start,
        method=method,
        method_words=words,
        until=row.end,
        end_reason=row.reason,
        batch=batch,
        made_at=batch.created_at,
    )


def _event(row: EventRow, client: Person, batch: ImportBatch) -> Event:
    return Event(
        organisation_id=batch.organisation_id,
        client=client,
        day=row.day,
        kind=row.kind,
        count=row.count,
        batch=batch,
        made_at=batch.created_at,
    )
