"""Verify the whole audit log when due, and store when it was last found unbroken."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from accord.clinic.audit import verification
from accord.clinic.audit.verification import Head, Verified
from accord.clinic.models import Heartbeat, claims, read_only

log = logging.getLogger(__name__)
EVERY = timedelta(days=1)


def verify(anchors: Iterable[Head] = ()) -> list[Verified]:
    """Verify every chain. The result is stored for the health page, except in read-only mode."""
    results = verification.verify(anchors)
    if not read_only.is_on():
        _note(timezone.now(), broken=any(result.wrong for result in results))
    return results


def verify_if_due(now: datetime | None = None) -> None:
    """Verify once a day, as a job. Faults go to the program's own log too."""
    now = now or timezone.now()
    looked = Heartbeat.objects.filter(name__in=(Heartbeat.UNBROKEN, Heartbeat.BROKEN), at__gt=now - EVERY)
    if looked.exists():
        return
    for result in verify():
        if result.wrong:
            log.error(
                "the log of %s is broken after event %s: %s",
                result.organisation_id,
                result.events,
                result.wrong,
            )


@claims.fenced()
def _note(now: datetime, *, broken: bool) -> None:
    name = Heartbeat.BROKEN if broken else Heartbeat.UNBROKEN
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})
    if not broken:
        Heartbeat.objects.filter(name=Heartbeat.BROKEN).delete()
