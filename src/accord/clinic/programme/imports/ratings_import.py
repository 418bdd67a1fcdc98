"""Import a file of ratings: preview it, write it whole or not at all, and undo it as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.models import CheckIn, Engagement, ImportBatch, Organisation, Person, Team
from accord.clinic.policy import Action, check, not_undone
from accord.clinic.programme.imports import analyze, ratings_rows, ratings_store, uploads, wording
from accord.clinic.programme.imports.ratings_rows import Row
from accord.clinic.programme.imports.uploads import Upload
from accord.errors import InputError
from accord.exchange.reading import BadCell


class Unconfirmed(Exception):
    """An import that was not confirmed in every point; `problems` says which."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


@dataclass(frozen=True)
class SafetyAnswer:
    """An answer above 0 on a safety item. `field`: name of the input for the person who has read it."""

    field: str
    line: int
    client: str
    clinician: str
    session: int
    day: date | None
    instrument: str
    item: int
    about: str
    value: float
    read_by: str = ""  # as typed so far


@dataclass(frozen=True)
class Preview:
    """Preview of an import. `bad`: rows that cannot be imported, each with the value found and expected."""

    filename: str
    team: str
    rows: int
    relationships: int
    clients_new: int
    clients_known: int
    clinicians_new: int
    clinicians_known: int
    instruments: tuple[str, ...]
    bad: tuple[BadCell, ...]
    notes: tuple[str, ...]
    safety: tuple[SafetyAnswer, ...]
    needs_not_real_confirmation: bool
    taken: tuple[Row, ...]


def preview(*, upload: Upload, by: Person) -> Preview:
    """Read an upload against the record; nothing is written. `InputError` for what is no ratings file."""
    check(by, Action.IMPORT, by.organisation)
    team = Team.objects.get(pk=upload.team, organisation=by.organisation_id)
    reading = ratings_rows.read(upload, by.organisation_id)
    every = list(ratings_rows.rows(reading.ratings, _clinician_code(upload, by)))
    if any(not row.clinician for row in every):
        raise InputError(
            _("a column clinician, or a clinician chosen beside the file"),
            file=upload.filename,
            found=_("neither"),
        )
    record, today = ratings_rows.known(by.organisation_id), timezone.localdate()
    clashes = {row.line: clash for row in every if (clash := ratings_rows.clash(row, record, today))}
    taken = tuple(row for row in every if row.line not in clashes)
    bad = sorted([*reading.bad, *clashes.values()], key=lambda cell: cell.row)
    clients, clinicians = {row.client for row in taken}, {row.clinician for row in taken}
    clients_known = len(clients & _codes(by, Person.Kind.CLIENT))
    clinicians_known = len(clinicians & _codes(by, Person.Kind.STAFF))
    return Preview(
        filename=upload.filename,
        team=team.name,
        rows=len(taken),
        relationships=len({row.pair for row in taken}),
        clients_new=len(clients) - clients_known,
        clients_known=clients_known,
        clinicians_new=len(clinicians) - clinicians_known,
        clinicians_known=clinicians_known,
        instruments=tuple(sorted({row.instrument.name for row in taken})),
        bad=wording.cells(bad),
        notes=(*wording.notes(reading.notes), *_notes(taken)),
        safety=_safety_answers(taken),
        needs_not_real_confirmation=settings.ACCORD.use == "demo",
        taken=taken,
    )


def commit(
    *, upload: Upload, by: Person, read_by: Mapping[str, str], leave_out_bad: bool, confirmed_not_real: bool
) -> ImportBatch:
    """Import an upload, all of it in one transaction. Jobs then learn from it, assess and flag.

    `read_by`: for each `SafetyAnswer.field` the name of who has read it. Raises `Unconfirmed` when a required
    confirmation is missing.
    """
    with transaction.atomic():
        # One import at a time, so that what was compared with the record still holds when it is written.
        Organisation.objects.select_for_update().get(pk=by.organisation_id)
        shown = preview(upload=upload, by=by)
        _refuse_unconfirmed(shown, read_by, leave_out_bad, confirmed_not_real)
        batch = ratings_store.write(
            upload=upload, rows=shown.taken, read_by=read_by, confirmed_not_real=confirmed_not_real, by=by
        )
        uploads.remove(upload=upload, by=by)
    analyze.count_rows()
    return batch


def undo(*, batch: ImportBatch, by: Person) -> ImportBatch:
    """Undo a whole import: nothing is deleted, and nothing of it counts any more."""
    check(by, Action.UNDO_IMPORT, batch)
    with transaction.atomic():
        # As importing does: values are being learned from what stands before this, or after it.
        Organisation.objects.select_for_update().get(pk=batch.organisation_id)
        locked_row = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked_row.undone_at is None:
            touched = list(_touched(locked_row).values_list("pk", flat=True))
            ratings_store.take_back(batch=locked_row, touched=touched, by=by)
            record_event(by=by, action="import.undo", subject=locked_row, fields=["undone_at", "undone_by"])
    return locked_row


def _touched(batch: ImportBatch) -> QuerySet[Engagement]:
    return Engagement.objects.filter(pk__in=CheckIn.objects.filter(batch=batch).values("contact__engagement"))


def _refuse_unconfirmed(
    upload_preview: Preview, read_by: Mapping[str, str], leave_out_bad: bool, confirmed_not_real: bool
) -> None:
    problems = unconfirmed(upload_preview, leave_out_bad, confirmed_not_real)
    if any(not read_by.get(answer.field, "").strip() for answer in upload_preview.safety):
        problems.append(_("Each answer above 0 on a safety item needs the name of who has read it."))
    if problems:
        raise Unconfirmed(problems)


class AnyPreview(Protocol):
    """The part that the previews of all kinds of file share."""

    @property
    def bad(self) -> tuple[BadCell, ...]: ...

    @property
    def rows(self) -> int: ...

    @property
    def needs_not_real_confirmation(self) -> bool: ...


def unconfirmed(upload_preview: AnyPreview, leave_out_bad: bool, confirmed_not_real: bool) -> list[str]:
    """What must still be confirmed before a file of any kind is imported, in words."""
    problems = []
    if upload_preview.bad and not leave_out_bad:
        problems.append(
            _("Some rows have something wrong: say that they are to be left out, or mend the file.")
        )
    if upload_preview.needs_not_real_confirmation and not confirmed_not_real:
        problems.append(_("A demonstration takes only files that hold no real person: confirm that."))
    if not upload_preview.rows:
        problems.append(_("No row is left to import."))
    return problems


def _clinician_code(upload: Upload, by: Person) -> str:
    if not upload.clinician:
        return ""
    return Person.objects.get(
        pk=upload.clinician, organisation=by.organisation_id, kind=Person.Kind.STAFF
    ).code


def _codes(by: Person, kind: str) -> set[str]:
    people = Person.objects.filter(not_undone(), organisation=by.organisation_id, kind=kind)
    return set(people.values_list("code", flat=True))


def _notes(taken: Sequence[Row]) -> list[str]:
    totals = ratings_rows.totals_of_safety_forms(list(taken))
    if not totals:
        return []
    note = _(
        "%(n)s rows of forms with safety items hold a total only: what was answered there is not known here."
    )
    return [note % {"n": totals}]


def _safety_answers(taken: Sequence[Row]) -> tuple[SafetyAnswer, ...]:
    return tuple(
        SafetyAnswer(
            field=f"read_by_{row.line}_{item.number}",
            line=row.line,
            client=row.client,
            clinician=row.clinician,
            session=row.session,
            day=row.day,
            instrument=row.instrument.name,
            item=item.number,
            about=item.about,
            value=value,
        )
        for row in taken
        for item in row.instrument.safety_items
        if (value := row.answers.get(item.number, 0)) > 0
    )
