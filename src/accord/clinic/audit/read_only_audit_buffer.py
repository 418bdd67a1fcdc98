"""Buffer of audit events in read-only mode: reads are kept in a file until the database takes writes again.

If the file cannot be written either, the page is not shown, so that no read goes unnoticed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accord.clinic.models import AuditEvent

FILE = "audit-waiting.jsonl"
LOCK = ".audit-waiting.lock"
COLUMNS = ("id", "organisation_id", "at", "actor_kind", "actor_id", "action", "relation", "subject_type",
        "subject_id", "client_id", "fields")  # fmt: skip


def path() -> Path:
    return Path(settings.ACCORD.folder) / FILE


def append(events: Sequence[AuditEvent]) -> None:
    """Add events to the file; they are on the disk when this returns."""
    now = timezone.now()
    lines = []
    for event in events:
        event.at = now
        row = {name: getattr(event, name) for name in COLUMNS}
        lines.append(json.dumps(row, cls=DjangoJSONEncoder) + "\n")
    with locked():
        descriptor = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, "".join(lines).encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def locked() -> Iterator[None]:
    """Let one process at a time add to the file or empty it.

    The processes of a server learn one after another that the mode is off, so one may still add while another
    enters what waits.
    """
    descriptor = os.open(path().with_name(LOCK), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read_events() -> list[AuditEvent]:
    """Buffered events, oldest first. A line cut by a power failure belongs to a page that was not shown."""
    if not path().exists():
        return []
    events = []
    for line in path().read_text(encoding="utf-8").split("\n")[:-1]:
        row = json.loads(line)
        columns = {field.attname: field for field in AuditEvent._meta.concrete_fields}
        events.append(AuditEvent(**{name: columns[name].to_python(value) for name, value in row.items()}))
    return events


def clear() -> None:
    """Remove the file, once its events are in the database."""
    path().unlink(missing_ok=True)
