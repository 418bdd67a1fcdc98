"""Compute and store the outcomes of a programme once a week, as they will be shown.

Not more often, and only the newest is shown: two overviews a day apart would reveal one person's change.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta

from django.utils import timezone

from accord.clinic.audit.write import record_event
from accord.clinic.models import Organisation, Overview, claims
from accord.clinic.models.actors import SYSTEM, Actor
from accord.clinic.programme.outcomes.compute import snapshot

log = logging.getLogger(__name__)

EVERY = timedelta(days=7)


def make(*, organisation: Organisation, by: Actor = SYSTEM, today: date | None = None) -> Overview:
    """Compute all figures as of today and store them."""
    as_of = today or timezone.localdate()
    figures = snapshot.figures(organisation.pk, as_of)  # may take seconds: outside the transaction
    with claims.fenced():
        row = Overview.objects.create(
            organisation=organisation,
            as_of=as_of,
            version=snapshot.VERSION,
            figures=figures,
            made_at=timezone.now(),
        )
        record_event(by=by, action="overview.make", subject=row, fields=["figures"])
    return row


def make_due(today: date | None = None) -> int:
    """Compute overviews that are a week old or of another version. Return how many."""
    as_of = today or timezone.localdate()
    fresh = Overview.objects.filter(as_of__gt=as_of - EVERY, version=snapshot.VERSION)
    waiting = Organisation.objects.exclude(pk__in=fresh.values("organisation"))
    return sum(_make_safely(organisation, as_of) for organisation in waiting)


def _make_safely(organisation: Organisation, today: date) -> bool:
    try:
        make(organisation=organisation, today=today)
    except Exception:  # nobody waits for it, and the rest of the watch must go on
        log.exception("the overview of organisation %s could not be made", organisation.pk)
        return False
    return True
