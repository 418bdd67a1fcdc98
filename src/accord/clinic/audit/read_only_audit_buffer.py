"""Buffer of audit events in read-only mode: reads are kept in a file until the database takes writes again.

If the file cannot be written either, the page is not shown, so that no read goes unnoticed.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accord.clinic.models import AuditEvent

log = logging.getLogger(__name__)

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
        descriptor = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            _add_whole(descriptor, "".join(lines).encode())
        finally:
            os.close(descriptor)


def _add_whole(descriptor: int, content: bytes) -> None:
    """Add all of it or nothing. A line that a power failure cut off stays a line of its own."""
    before = os.fstat(descriptor).st_size
    if before and os.pread(descriptor, 1, before - 1) != b"\n":
        content = b"\n" + content
    try:
        while content:  # a disk that is nearly full takes a part
            content = content[os.write(descriptor, content) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, before)
        raise


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
    """Buffered events, oldest first.

    A line cut by a power failure belongs to a page that was not shown. The log of the site names it, and it
    keeps no other line back.
    """
    if not path().exists():
        return []
    events, torn = [], 0
    for line in path().read_bytes().split(b"\n"):
        try:
            events += [_event(line)] if line else []
        except (ValueError, KeyError, AttributeError, ValidationError):
            torn += 1
    if torn:
        log.error("%s: %s cut lines were left out; they belong to pages that were not shown", path(), torn)
    return events


def _event(line: bytes) -> AuditEvent:
    row = json.loads(line.decode())
    columns = {field.attname: field for field in AuditEvent._meta.concrete_fields}
    return AuditEvent(**{name: columns[name].to_python(row[name]) for name in COLUMNS})


def clear() -> None:
    """Remove the file, once its events are in the database."""
    path().unlink(missing_ok=True)
