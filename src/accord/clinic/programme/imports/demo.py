"""Events of the demonstration's year, as a file of them would bring them in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from accord.clinic.facts import events
from accord.clinic.models import ImportBatch, Person
from accord.clinic.programme.imports import care_import
from accord.clinic.programme.imports.care_rows import EventRow
from accord.clinic.programme.imports.uploads import Upload
from accord.clinic.web.demonstration import Demonstration

EPOCH = date(1970, 1, 1)


def fill(demonstration: Demonstration) -> None:
    lead = Person.objects.get(organisation=demonstration.organisation, code="lead")
    rows = list(_events(demonstration))
    upload = Upload("", str(lead.pk), "events of the year", "", "", "", None, ImportBatch.What.EVENTS.value)
    care_import.write(upload=upload, rows=rows, confirmed_not_real=True, by=lead)


def _events(demonstration: Demonstration) -> Iterator[EventRow]:
    table = demonstration.year.events
    if table is None:
        return
    for at in range(len(table)):
        day, kind = EPOCH + timedelta(days=int(table.day[at])), table.kinds[table.kind[at]]
        if day <= demonstration.today and kind in events.ACTS:
            client = table.clients[table.client[at]]
            yield EventRow(int(table.line[at]), client, day, kind, int(table.count[at]))
