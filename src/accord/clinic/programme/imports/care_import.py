"""Import episodes of care or events, with the preview, errors and undo of a file of ratings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event, record_event_for_each
from accord.clinic.models import CareEpisode, Event, ImportBatch, Organisation, Person
from accord.clinic.policy import Action, Relation, check
from accord.clinic.programme.imports import analyze, care_rows, uploads, wording
from accord.clinic.programme.imports.care_rows import EpisodeRow, EventRow, Row
from accord.clinic.programme.imports.ratings_import import Unconfirmed, unconfirmed
from accord.clinic.programme.imports.ratings_store import AT_ONCE, people_of
from accord.clinic.programme.imports.uploads import Upload
from accord.exchange.reading import BadCell
from accord.records.care import EndReason

# The audit action in the record of each client whom an import names.
ACTIONS = {ImportBatch.What.EPISODES.value: "import.episodes", ImportBatch.What.EVENTS.value: "import.events"}


@dataclass(frozen=True)
class CarePreview:
    """What an import would do. `counts`: rows by kind or end, in the file's words."""

    filename: str
    what: str
    rows: int
    clients_new: int
    clients_known: int
    counts: tuple[tuple[str, int], ...]
    bad: tuple[BadCell, ...]
    notes: tuple[str, ...]
    needs_not_real_confirmation: bool
    taken: tuple[Row, ...]


def preview(*, upload: Upload, by: Person) -> CarePreview:
    """Read an upload against the record; nothing is written. `InputError` for what is no such file."""
    check(by, Action.IMPORT, by.organisation)
    every, unread, notes = care_rows.read(upload)
    record, today = care_rows.known(by.organisation_id), timezone.localdate()
    clashes = {row.line: clash for row in every if (clash := care_rows.clash(row, record, today))}
    taken = tuple(row for row in every if row.line not in clashes)
    clients = {row.client for row in taken}
    return CarePreview(
        filename=upload.filename,
        what=upload.what,
        rows=len(taken),
        clients_new=len(clients - record.clients),
        clients_known=len(clients & record.clients),
        counts=_counts(taken),
        bad=wording.cells(sorted([*unread, *clashes.values()], key=lambda cell: cell.row)),
        notes=(*wording.notes(notes), *_notes(care_rows.outside(taken, record))),
        needs_not_real_confirmation=settings.ACCORD.use == "demo",
        taken=taken,
    )


def commit(*, upload: Upload, by: Person, leave_out_bad: bool, confirmed_not_real: bool) -> ImportBatch:
    """Import an upload, all of it in one transaction. Raises `Refused` when something is not confirmed."""
    with transaction.atomic():
        # One import at a time, so that what was compared with the record still holds when it is written.
        Organisation.objects.select_for_update().get(pk=by.organisation_id)
        shown = preview(upload=upload, by=by)
        if problems := unconfirmed(shown, leave_out_bad, confirmed_not_real):
            raise Unconfirmed(problems)
        batch = write(upload=upload, rows=shown.taken, confirmed_not_real=confirmed_not_real, by=by)
        uploads.remove(upload=upload, by=by)
    analyze.count_rows()
    return batch


def write(*, upload: Upload, rows: Sequence[Row], confirmed_not_real: bool, by: Person) -> ImportBatch:
    """Write the rows and who they are about, inside the caller's transaction."""
    batch = ImportBatch.objects.create(
        organisation_id=by.organisation_id,
        by=by,
        what=upload.what,
        filename=upload.filename,
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


def _counts(taken: Sequence[Row]) -> tuple[tuple[str, int], ...]:
    """Count events by kind, or episodes by end."""
    counted: Counter[str] = Counter()
    for row in taken:
        counted[row.kind if isinstance(row, EventRow) else row.reason or EndReason.ONGOING] += 1
    return tuple(sorted(counted.items()))


def _notes(outside: int) -> list[str]:
    if not outside:
        return []
    note = _(
        "%(n)s events lie on days on which their client was in no episode of care known here. They are kept, "
        "and stay out of figures about treatment."
    )
    return [note % {"n": outside}]
