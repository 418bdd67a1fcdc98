"""Workers and jobs as lines of the health page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from accord.clinic.clinician.worklist.queries import WATCHER_LATE_AFTER
from accord.clinic.models import JobState, Worker
from accord.clinic.site.jobs import JOBS


def workers(now: datetime) -> list[str]:
    """The workers that live, each with when it began and was last seen."""
    living = Worker.objects.filter(seen__gte=now - WATCHER_LATE_AFTER).order_by("name")
    return [f"worker {one.name}: since {_at(one.started)}, seen {_at(one.seen)}" for one in living]


def jobs() -> list[str]:
    """Each job's last success, and how many of its parts did not end well when they were last tried."""
    last = Max("last_success")
    bad = Count("pk", filter=Q(attempts__gt=0, claim__isnull=True))
    rows = JobState.objects.values("name").annotate(last=last, bad=bad).order_by("name")
    found = {row["name"]: row for row in rows}
    return [_line(job.name, found.get(job.name)) for job in JOBS]


def _line(name: str, row: Mapping[str, Any] | None) -> str:
    last = row["last"] if row else None
    told = f"job {name}: last success {_at(last) if last else 'none yet'}"
    return f"{told}, {row['bad']} to be tried again" if row and row["bad"] else told


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S%z}"
