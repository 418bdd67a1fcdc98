"""Reading the whole log of who did what, and keeping when it was last found to be as it was written."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from accord.clinic.audit import verify as audit_log
from accord.clinic.audit.verify import Head, Verified
from accord.clinic.models import Heartbeat, claims, read_only

log = logging.getLogger(__name__)
EVERY = timedelta(days=1)


def verify(anchors: Iterable[Head] = ()) -> list[Verified]:
    """Every organisation's chain. What came of it is kept for the health page, except in read-only mode."""
    found = audit_log.verify(anchors)
    if not read_only.is_on():
        _note(timezone.now(), broken=any(one.wrong for one in found))
    return found


def verify_if_due(now: datetime) -> None:
    """For the watcher: once a day. What is wrong goes to the program's own log too."""
    looked = Heartbeat.objects.filter(name__in=(Heartbeat.UNBROKEN, Heartbeat.BROKEN), at__gt=now - EVERY)
    if looked.exists():
        return
    for one in verify():
        if one.wrong:
            log.error(
                "the log of %s is broken after event %s: %s", one.organisation_id, one.events, one.wrong
            )


@claims.fenced()
def _note(now: datetime, *, broken: bool) -> None:
    name = Heartbeat.BROKEN if broken else Heartbeat.UNBROKEN
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})
    if not broken:
        Heartbeat.objects.filter(name=Heartbeat.BROKEN).delete()
