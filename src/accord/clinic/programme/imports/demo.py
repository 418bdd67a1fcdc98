"""Events of the demonstration's year, as a file of them would bring them in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from accord.clinic.facts import events
from accord.clinic.models import Engagement, ImportBatch, Person
from accord.clinic.monitoring import acts
from accord.clinic.programme.imports import care_import
from accord.clinic.programme.imports.care_rows import EventRow
from accord.clinic.programme.imports.uploads import Upload
from accord.clinic.web.demonstration import Demonstration

EPOCH = date(1970, 1, 1)
EVERY_THIRD = 3  # client with acts of the last weeks


def fill(demonstration: Demonstration) -> None:
    lead = Person.objects.get(organisation=demonstration.organisation, code="lead")
    rows = list(_events(demonstration))
    upload = Upload("", str(lead.pk), "events of the year", "", "", "", None, ImportBatch.What.EVENTS.value)
    care_import.write(upload=upload, rows=rows, confirmed_not_real=True, by=lead)
    _answer_some(demonstration)


def _answer_some(demonstration: Demonstration) -> None:
    """Somebody has answered the acts of every third client, so that their pages show that, too."""
    treating = Engagement.objects.filter(organisation=demonstration.organisation, until__isnull=True)
    for engagement in treating.filter(role=Engagement.Role.INDIVIDUAL).select_related("client", "clinician"):
        waiting = acts.waiting_acts(engagement.clinician, engagement.client)
        shown = [key for act in waiting.get(engagement.client_id, ()) for key in act.keys]
        if shown and int(engagement.client.code.lstrip("C")) % EVERY_THIRD == 0:
            acts.respond(client=engagement.client, shown=shown, done="talked_about", by=engagement.clinician)


def _events(demonstration: Demonstration) -> Iterator[EventRow]:
    table = demonstration.year.events
    if table is None:
        return
    for at in range(len(table)):
        day, kind = EPOCH + timedelta(days=int(table.day[at])), table.kinds[table.kind[at]]
        if day <= demonstration.today and kind in events.ACTS:
            client = table.clients[table.client[at]]
            yield EventRow(int(table.line[at]), client, day, kind, int(table.count[at]))
