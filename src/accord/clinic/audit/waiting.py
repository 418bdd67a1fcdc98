"""Audit events of read-only mode: who read whose record is kept in a file until the database takes writes
again.

Nobody reads a record unseen: where the file cannot be written either, the page is not shown.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accord.clinic.models import AuditEvent

FILE = "audit-waiting.jsonl"
KEPT = ("id", "organisation_id", "at", "actor_kind", "actor_id", "action", "relation", "subject_type",
        "subject_id", "client_id", "fields")  # fmt: skip


def place() -> Path:
    return Path(settings.ACCORD.folder) / FILE


def keep(events: Sequence[AuditEvent]) -> None:
    """Add events to the file; they are on the disk when this returns."""
    now = timezone.now()
    lines = []
    for event in events:
        event.at = now
        told = {name: getattr(event, name) for name in KEPT}
        lines.append(json.dumps(told, cls=DjangoJSONEncoder) + "\n")
    descriptor = os.open(place(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, "".join(lines).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def kept() -> list[AuditEvent]:
    """The events that wait, oldest first; a line that a power cut tore was of a page that was not shown."""
    if not place().exists():
        return []
    found = []
    for line in place().read_text(encoding="utf-8").split("\n")[:-1]:
        told = json.loads(line)
        columns = {field.attname: field for field in AuditEvent._meta.concrete_fields}
        found.append(AuditEvent(**{name: columns[name].to_python(one) for name, one in told.items()}))
    return found


def forget() -> None:
    """They are in the database now."""
    place().unlink(missing_ok=True)
