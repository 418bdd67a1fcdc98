"""Flags of the demonstration: what was done about some, and ruptures flagged and settled during its year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import numpy as np
from django.utils import timezone

from accord.clinic.facts import current as facts
from accord.clinic.models import Engagement, Flag, Organisation, Response
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import assessment, flags
from accord.clinic.monitoring.episodes import Episode, episodes
from accord.clinic.monitoring.findings import from_json
from accord.clinic.web.demonstration import Demonstration

DONE = (Response.Done.TALKED_ABOUT, Response.Done.PLANNED, Response.Done.TEAM, Response.Done.REACHED_OUT)
EVERY_THIRD = 3  # of the flags: something was done about them, so that "look again" has something to show
SEED = 11
TALKED, SETTLED = 0.75, 0.7  # of the ruptures that lie behind: talked about; of these, said to be settled
RECENT = 60  # days
FIRST_DAYS, LATER_DAYS = (2, 13), (5, 29)  # days until it was talked about, and from then until settled


def fill(demonstration: Demonstration) -> None:
    _respond(demonstration.organisation)
    rng = np.random.default_rng(SEED)
    for engagement, episode in _ruptures_behind(demonstration.organisation):
        _flagged_then(engagement, episode, rng, demonstration.today)


def _respond(organisation: Organisation) -> None:
    """Respond to some of the flags, as of a few days ago."""
    waiting = Flag.objects.filter(organisation=organisation, withdrawn_at__isnull=True)
    waiting = waiting.select_related("engagement__clinician")
    for number, flag in enumerate(waiting.order_by("engagement__client__code", "session")):
        if number % EVERY_THIRD == 1 and flag.engagement.until is None:
            done = DONE[(number // EVERY_THIRD) % len(DONE)]
            when = timezone.now() - timedelta(days=2 + number % 4)
            flags.respond(flag=flag, done=done, by=flag.engagement.clinician, now=when)


def _ruptures_behind(organisation: Organisation) -> Iterator[tuple[Engagement, Episode]]:
    """Ruptures in the assessed courses that are over."""
    engagements = Engagement.objects.filter(organisation=organisation).select_related("client", "clinician")
    newest = facts.newest_assessments(set(engagements.values_list("pk", flat=True)))
    for engagement in engagements.order_by("client__code", "clinician__code"):
        row = newest.get(engagement.pk)
        if row is None:
            continue
        findings = [from_json(finding) for finding in row.findings]
        for episode in episodes(findings, row.instrument, assessment.METHOD_VERSION):
            if episode.kind == Flag.Kind.RUPTURE and not episode.is_open and episode.finding:
                yield engagement, episode


def _flagged_then(engagement: Engagement, episode: Episode, rng: np.random.Generator, today: date) -> None:
    """The flag as it would have been raised that day, and what was done; those not settled stay closed."""
    day = episode.finding and episode.finding["day"]
    if not day:
        return
    raised = _at(date.fromisoformat(day) + timedelta(days=1))
    days = [int(rng.integers(*FIRST_DAYS)), int(rng.integers(*LATER_DAYS))]
    talked, settled = (bool(drawn) for drawn in rng.random(2) < (TALKED, SETTLED))
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
    """Store a response as a row, because the relationship may have ended since then."""
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
