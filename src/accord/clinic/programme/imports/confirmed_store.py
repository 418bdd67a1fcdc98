"""Store what was confirmed with an import: safety answers that were read, and whom its codes mean."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

from django.utils import timezone

from accord.clinic.models import (
    CheckIn,
    ConfirmedCode,
    ImportBatch,
    LeftOutAnswer,
    Person,
    PersonCheck,
    SafetyRead,
    SealedText,
)
from accord.clinic.monitoring.act_rows import RECENT
from accord.clinic.programme.imports import ratings_record
from accord.clinic.programme.imports.ratings_rows import Row
from accord.clinic.programme.imports.safety_answers import SafetyAnswer
from accord.clinic.programme.imports.same_people import CLIENT

AT_ONCE = 500  # rows in one statement


def keep_read(
    *,
    rows: Sequence[Row],
    checkins: Sequence[CheckIn],
    on_record: Sequence[tuple[CheckIn, SafetyAnswer]],
    batch: ImportBatch,
    by: Person,
) -> int:
    """Store who read each answer above 0, and return how many answers there are."""
    answers = [
        (checkin, item.number, row.answers[item.number])
        for row, checkin in zip(rows, checkins, strict=True)
        for item in row.instrument.safety_items
        if row.answers.get(item.number, 0) > 0
    ]
    answers += [(checkin, answer.item, float(answer.answer)) for checkin, answer in on_record]
    reads = [
        SafetyRead(
            organisation_id=batch.organisation_id,
            batch=batch,
            checkin=checkin,
            item=item,
            value=value,
            read_by=by.name,
            read_on=timezone.localdate(batch.created_at),
        )
        for checkin, item, value in answers
    ]
    SafetyRead.objects.bulk_create(reads, batch_size=AT_ONCE)
    return len(reads)


def keep_left_out(*, answers: Sequence[SafetyAnswer], batch: ImportBatch, by: Person) -> None:
    """Store the answers of rows that were not taken, sealed, each with its row as the file has it."""
    known = ratings_record.people(batch.organisation_id, Person.Kind.CLIENT) if answers else {}
    for answer in answers:
        kept = LeftOutAnswer.objects.create(
            organisation_id=batch.organisation_id,
            batch=batch,
            line=answer.line,
            client=known.get(answer.whose or answer.client),
            instrument=answer.instrument,
            item=answer.item,
            recent=_is_recent(answer.day, timezone.localdate(batch.created_at)),
            read_by=by,
            read_on=timezone.localdate(batch.created_at),
        )
        content = {"client": answer.client, "day": answer.day, "answer": answer.answer, "row": answer.row}
        SealedText.about(kept, LeftOutAnswer.ROW, json.dumps(content)).save()


def _is_recent(text: str, today: date) -> bool:
    """Whether a day of a file lies in the last weeks; also where nobody can tell, so that it is not lost."""
    try:
        return date.fromisoformat(text) >= today - RECENT
    except ValueError:
        return True


def keep_recognised(
    *,
    codes: Mapping[tuple[str, str], str],
    checks: Sequence[tuple[str, str]],
    batch: ImportBatch,
    by: Person,
) -> None:
    """Store whom the codes of the file mean, and the checks of its clients; the batch names who said so."""
    organisation = by.organisation_id
    people = {kind: ratings_record.people(organisation, kind) for kind in Person.Kind.values}
    meant = [
        ConfirmedCode(
            organisation_id=organisation, batch=batch, kind=kind, code=code, person=people[kind][to]
        )
        for (kind, code), to in codes.items()
    ]
    ConfirmedCode.objects.bulk_create(meant, batch_size=AT_ONCE)
    for code, check in checks:
        kept = PersonCheck.objects.create(
            organisation_id=organisation, batch=batch, person=people[CLIENT][code], made_at=batch.created_at
        )
        SealedText.about(kept, PersonCheck.CHECK, check).save()
