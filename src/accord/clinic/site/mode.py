"""Turning read-only mode on and off, and what waits until it is off."""

from __future__ import annotations

import logging

from django.db import DatabaseError

from accord.clinic.audit import read_only_audit_buffer
from accord.clinic.audit.write import enter_waiting, record_event
from accord.clinic.models import Organisation, read_only
from accord.clinic.models.actors import Actor

log = logging.getLogger(__name__)

HERE = (
    "Read-only at this server: pages show, nothing can be saved. Turn it off with: "
    "accord manage read-only off --here"
)
EVERYWHERE = (
    "Read-only at every server: pages show, nothing can be saved. Turn it off at this server with: "
    "accord manage read-only off"
)


class OnlyHere(Exception):
    """The mode is on at this server; the database, which the others read, could not be written."""


def turn_on(*, by: Actor, here: bool = False) -> str:
    """From the next statement on nothing is written here, and within seconds at every other server.

    `here`: at this server only. Returns what to tell. Raises `OnlyHere` where the database is the trouble.
    """
    try:
        _tell("site.read_only_on", by)
    except DatabaseError:  # in trouble, the mode matters more than the note of it
        log.exception("that read-only mode was turned on could not be written to the log")
    try:
        if not here:
            read_only.turn_on_everywhere()
    except DatabaseError as error:
        raise OnlyHere("this server is read-only; the database could not tell the others") from error
    finally:
        read_only.turn_on()
    return HERE if here else EVERYWHERE


def turn_off(*, by: Actor, here: bool = False) -> str:
    """Writes are taken again; what was read meanwhile is in the log. Returns what to tell.

    Other servers enter what was read there by a job of their own (`take_in`).
    """
    if not here:
        read_only.turn_off_everywhere()
    read_only.turn_off()
    if read_only.is_on_everywhere():
        _tell("site.read_only_off", by)
        return "Every server is read-only still. Turn it off with: accord manage read-only off"
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
