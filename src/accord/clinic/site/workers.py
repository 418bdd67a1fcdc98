"""Processes that run jobs, as recorded in the database."""

from __future__ import annotations

from datetime import datetime, timedelta

from accord.clinic.models import Worker

FORGOTTEN_AFTER = timedelta(days=1)


def note(name: str, started: datetime, now: datetime) -> None:
    """Note that a worker lives; forget workers not seen for a day."""
    Worker.objects.update_or_create(name=name, defaults={"started": started, "seen": now})
    Worker.objects.filter(seen__lt=now - FORGOTTEN_AFTER).delete()
