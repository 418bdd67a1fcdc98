"""What lies behind the demonstration: events of its year, and ruptures that were flagged and settled then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import numpy as np
from django.utils import timezone

from accord.clinic.facts import current as facts
from accord.clinic.facts import events
from accord.clinic.models import Engagement, Flag, ImportBatch, Organisation, Person, Response
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import assessment, flags
from accord.clinic.monitoring.episodes import Episode, episodes
from accord.clinic.monitoring.findings import from_json
from accord.clinic.programme.imports import care as care_imports
from accord.clinic.programme.imports.care_rows import EventRow
from accord.clinic.programme.imports.uploads import Upload
from accord.simulator.generate import Simulated

EPOCH = date(1970, 1, 1)
SEED = 11
TALKED, SETTLED = 0.75, 0.7  # of the ruptures that lie behind: talked about; of these, said to be settled
RECENT = 60  # days
FIRST_DAYS, LATER_DAYS = (2, 13), (5, 29)  # days until it was talked about, and from then until settled


def load(organisation: Organisation, year: Simulated, today: date) -> None:
    """`year`: as it was stored."""
    lead = Person.objects.get(organisation=organisation, code="lead")
    rows = list(_events(year, today))
    upload = Upload("", str(lead.pk), "events of the year", "", "", "", None, ImportBatch.What.EVENTS.value)
    care_imports.write(upload=upload, rows=rows, confirmed_not_real=True, by=lead)
    rng = np.random.default_rng(SEED)
    for engagement, episode in _ruptures_behind(organisation):
        _flagged_then(engagement, episode, rng, today)


def _events(year: Simulated, today: date) -> Iterator[EventRow]:
    table = year.events
    if table is None:
        return
    for at in range(len(table)):
        day, kind = EPOCH + timedelta(days=int(table.day[at])), table.kinds[table.kind[at]]
        if day <= today and kind in events.ACTS:
            client = table.clients[table.client[at]]
            yield EventRow(int(table.line[at]), client, day, kind, int(table.count[at]))


def _ruptures_behind(organisation: Organisation) -> Iterator[tuple[Engagement, Episode]]:
    """Ruptures in the assessed courses that are over."""
    engagements = Engagement.objects.filter(organisation=organisation).select_related("client", "clinician")
    newest = facts.newest_assessments(set(engagements.values_list("pk", flat=True)))
    for engagement in engagements.order_by("client__code", "clinician__code"):
        row = newest.get(engagement.pk)
        if row is None:
            continue
        found = [from_json(one) for one in row.findings]
        for episode in episodes(found, row.instrument, assessment.METHOD_VERSION):
            if episode.kind == Flag.Kind.RUPTURE and not episode.is_open and episode.finding:
                yield engagement, episode


def _flagged_then(engagement: Engagement, episode: Episode, rng: np.random.Generator, today: date) -> None:
    """The flag as it would have been raised that day, and what was done; those not settled stay closed."""
    told = episode.finding and episode.finding["day"]
    if not told:
        return
    raised = _at(date.fromisoformat(told) + timedelta(days=1))
    days = [int(rng.integers(*FIRST_DAYS)), int(rng.integers(*LATER_DAYS))]
    talked, settled = (bool(one) for one in rng.random(2) < (TALKED, SETTLED))
    then = [raised + timedelta(days=days[0]), raised + timedelta(days=sum(days))]
    if then[1].date() >= today:
        return
    if engagement.until is None and (today - raised.date()).days > RECENT:
        talked = settled = True  # so that the worklist holds what is of these weeks
    flag = flags.raise_flag(
        engagement=engagement, episode=episode, assessment=None, digest="", by=SYSTEM, now=raised
    )
    if talked:
        _answered(flag, Response.Done.TALKED_ABOUT, then[0])
    if talked and settled:
        _answered(flag, Response.Done.SETTLED, then[1])


def _answered(flag: Flag, done: Response.Done, when: datetime) -> None:
    """As a row, because the relationship may have ended since then."""
    Response.objects.create(
        organisation_id=flag.organisation_id,
        flag=flag,
        by=flag.engagement.clinician,
        done=done.value,
        day=timezone.localdate(when),
        made_at=when,
    )


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9)))
