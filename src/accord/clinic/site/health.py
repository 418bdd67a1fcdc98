"""Health of the site as lines of text, for monitoring and for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import disk_usage

from django.db import DatabaseError, connection

from accord.clinic.audit import read_only_audit_buffer
from accord.clinic.clinician.worklist.queries import watcher_late
from accord.clinic.models import Heartbeat, read_only
from accord.clinic.site import job_status
from accord.clinic.site.readiness import database

LEAST_FREE = 200 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Health:
    lines: tuple[str, ...]
    well: bool

    def as_text(self) -> str:
        return "\n".join(self.lines) + "\n"


def health(now: datetime, folder: Path) -> Health:
    """The database, whether it keeps what it acknowledges, workers and jobs, the disk, last backup and log.

    A missing or old backup and a broken audit log are reported but never make the site unwell: they are
    for somebody to look at, not a reason to take pages away.
    """
    try:
        return _with_database(now, folder)
    except DatabaseError:
        return Health(("database: no answer", _disk(folder)[0]), well=False)


def _with_database(now: datetime, folder: Path) -> Health:
    connection.ensure_connection()
    forgetful = sorted({str(problem.id) for problem in database.problems(connection)})
    paused = read_only.is_on()
    late = watcher_late(now) and not paused
    disk, has_room = _disk(folder)
    lines = [
        "database: ok",
        f"durability: {', '.join(forgetful) or 'ok'}",
        f"run_due: {'paused' if paused else 'late' if late else 'ok'}",
        disk,
        f"backup: {_time(last_backup())}",
        f"audit: {_log()}",
        f"read-only: {_mode()}",
        *job_status.workers(now),
        *job_status.jobs(),
    ]
    if read_only_audit_buffer.path().exists():
        lines.append("audit: readings of read-only mode wait to be entered")
    return Health(tuple(lines), well=has_room and not late)


def _mode() -> str:
    """Which of its two switches is on."""
    where = {"this server": read_only.is_on_here(), "every server": read_only.is_on_everywhere()}
    on = [name for name, is_on in where.items() if is_on]
    return f"on ({', '.join(on)})" if on else "off"


def _disk(folder: Path) -> tuple[str, bool]:
    free = disk_usage(folder).free
    has_room = free >= LEAST_FREE
    return f"disk: {'ok' if has_room else 'nearly full'}, {free // 2**20} MiB free", has_room


def last_backup() -> datetime | None:
    """When the last good backup was made; None: never."""
    return _at(Heartbeat.BACKUP)


def log_broken() -> datetime | None:
    """When the audit log was last found broken and not intact since; None: it is intact."""
    return _at(Heartbeat.BROKEN)


def _log() -> str:
    broken, unbroken = log_broken(), _at(Heartbeat.UNBROKEN)
    last = f"last found unbroken: {_time(unbroken) if unbroken else 'not yet'}"
    return f"BROKEN, found {_time(broken)}; {last}" if broken else last


def _at(name: str) -> datetime | None:
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S%z}" if at else "none yet"
