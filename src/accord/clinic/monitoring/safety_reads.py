"""Answers above 0 on safety items, and who confirmed having read each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accord.clinic.facts import instruments
from accord.clinic.models import Engagement, SafetyRead
from accord.clinic.policy import not_undone


@dataclass(frozen=True)
class ReadAnswer:
    """An answer above 0 on a safety item, and who confirmed having read it."""

    instrument: str
    item: str
    value: str
    day: date | None
    read_by: str
    read_on: date


def safety_reads(seen: QuerySet[Engagement]) -> tuple[ReadAnswer, ...]:
    reads = SafetyRead.objects.filter(not_undone(), checkin__contact__engagement__in=seen)
    return tuple(
        _read_answer(read)
        for read in reads.select_related("checkin__contact").order_by("-checkin__contact__day", "item")
    )


def _read_answer(read: SafetyRead) -> ReadAnswer:
    instrument = instruments.find(
        read.organisation_id, read.checkin.instrument, read.checkin.instrument_version
    )
    about = {item.number: item.about for item in instrument.items}
    day = read.checkin.contact.day
    item = f"{read.item}: {about[read.item]}"
    return ReadAnswer(instrument.name, item, f"{read.value:g}", day, read.read_by, read.read_on)
