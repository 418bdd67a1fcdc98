"""Workers and jobs as lines of the health page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from accord.clinic.clinician.worklist.queries import WATCHER_LATE_AFTER
from accord.clinic.models import JobState, Worker
from accord.clinic.web.jobs import declared


def workers(now: datetime) -> list[str]:
    """Living workers, each with the times of its start and of its last sign of life."""
    living = Worker.objects.filter(seen__gte=now - WATCHER_LATE_AFTER).order_by("name")
    return [
        f"worker {worker.name}: since {_at(worker.started)}, seen {_at(worker.seen)}" for worker in living
    ]


def jobs() -> list[str]:
    """Each job's last success, and how many of its parts failed when they were last tried."""
    last = Max("last_success")
    bad = Count("pk", filter=Q(attempts__gt=0, claim__isnull=True, due__isnull=False))
    left = Count("pk", filter=Q(attempts__gt=0, claim__isnull=True, due__isnull=True))
    rows = JobState.objects.values("name").annotate(last=last, bad=bad, left=left).order_by("name")
    rows_by_name = {row["name"]: row for row in rows}
    return [_line(job.name, rows_by_name.get(job.name)) for job in declared()]


def _line(name: str, row: Mapping[str, Any] | None) -> str:
    last = row["last"] if row else None
    line = f"job {name}: last success {_at(last) if last else 'none yet'}"
    line += f", {row['bad']} to be tried again" if row and row["bad"] else ""
    return line + (f", {row['left']} given up until something changes" if row and row["left"] else "")


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S%z}"
