"""Answers above 0 on safety items, and who confirmed having read each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accord.clinic.facts import instruments
from accord.clinic.models import Engagement, LeftOutAnswer, Person, SafetyRead, SealedText
from accord.clinic.policy import Action, not_undone, rows_visible_to


@dataclass(frozen=True)
class ReadAnswer:
    """An answer above 0 on a safety item, and who confirmed having read it."""

    instrument: str
    item: str
    value: str
    day: date | None
    read_by: str
    read_on: date
    responses: tuple[str, ...] = ()  # what was done about it, in words


Responses = Mapping[UUID, tuple[str, ...]]  # id of an answer -> what was done about it, in words


def safety_reads(seen: QuerySet[Engagement], responses: Responses) -> tuple[ReadAnswer, ...]:
    """Answers of forms that were taken, the newest first."""
    reads = SafetyRead.objects.filter(not_undone(), checkin__contact__engagement__in=seen)
    return tuple(
        _read_answer(read, responses.get(read.pk, ()))
        for read in reads.select_related("checkin__contact").order_by("-checkin__contact__day", "item")
    )


def _read_answer(read: SafetyRead, responses: tuple[str, ...]) -> ReadAnswer:
    instrument = instruments.find(
        read.organisation_id, read.checkin.instrument, read.checkin.instrument_version
    )
    about = {item.number: item.about for item in instrument.items}
    day = read.checkin.contact.day
    item = f"{read.item}: {about[read.item]}"
    value = f"{read.value:g}"
    return ReadAnswer(instrument.name, item, value, day, read.read_by, read.read_on, responses)


def left_out_answers(client: Person, viewer: Person, responses: Responses) -> Iterator[ReadAnswer]:
    """Answers above 0 in rows of files that were not taken, for those who treat the client.

    Answers of an import that was undone are among them, since somebody has read them.
    """
    seen = rows_visible_to(viewer, LeftOutAnswer, Action.SEE_EVENTS).filter(client=client)
    rows = list(seen.distinct().select_related("read_by", "batch").order_by("-read_on", "line", "item"))
    texts = SealedText.texts(rows, LeftOutAnswer.ROW)
    for row in rows:
        text = texts[row.pk]
        content = json.loads(text) if text else {}
        closed = _("cannot be opened now")
        day = (content.get("day") or _("none")) if text else closed
        values = {"item": row.item, "line": row.line, "file": row.batch.filename, "day": day}
        place = _("%(item)s, in row %(line)s of %(file)s, which was not taken; date in the file: %(day)s")
        if not row.item:  # an act, and the answer is how often
            place = _("in row %(line)s of %(file)s, which was not taken; date in the file: %(day)s")
        answer = content.get("answer", closed)
        done = responses.get(row.pk, ())
        yield ReadAnswer(row.instrument, place % values, answer, None, row.read_by.name, row.read_on, done)
