"""Turning read-only mode on and off, and what waits until it is off."""

from __future__ import annotations

import logging

from django.db import DatabaseError

from accord.clinic.audit import read_only_audit_buffer
from accord.clinic.audit.write import enter_waiting, record_event
from accord.clinic.models import Organisation, read_only
from accord.clinic.models.actors import Actor

log = logging.getLogger(__name__)


def turn_on(*, by: Actor) -> str:
    """From the next statement on nothing is written here. Returns what to tell."""
    try:
        _tell("site.read_only_on", by)
    except DatabaseError:  # in trouble, the mode matters more than the note of it
        log.exception("the log could not be told that read-only mode was turned on")
    read_only.turn_on()
    return "Read-only: pages show, nothing can be saved. Turn it off with: accord manage read-only off"


def turn_off(*, by: Actor) -> str:
    """Writes are taken again; what was read meanwhile is in the log. Returns what to tell."""
    read_only.turn_off()
    entered = enter_waiting()
    _tell("site.read_only_off", by)
    return f"Writes are taken again. {entered} readings of the meantime are in the log."


def take_in() -> None:
    """What a stop in the middle left waiting; safe at any time."""
    if not read_only.is_on() and read_only_audit_buffer.path().exists():
        enter_waiting()


def _tell(action: str, by: Actor) -> None:
    for organisation in Organisation.objects.order_by("pk"):
        record_event(by=by, action=action, subject=organisation, organisation_id=organisation.pk)
