"""Context of the ratings: announced breaks, contacts meant to be hard, a change of clinician.

None of it is evidence: it changes no level and no probability and is only shown beside them. A contact that
did not take place for such a reason is left out of attendance, of empty forms and of the sessions in which a
rupture could have begun (`panel.away`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from accord.records.ratings import NO_DAY, Absence, Contact, Context, Course
from accord.words.findings import EPOCH

FIRST_WITH_NEW = 3  # contacts with a clinician who took over that are named as such
WEEK = 7


@dataclass(frozen=True, slots=True)
class Before:
    """State of earlier contacts that a later one needs."""

    held: int = 0  # contacts so far that took place, or of which nothing else is known
    last_day: int = NO_DAY  # of the last of them
    announced: int = 0  # announced absences since then

    @classmethod
    def read(cls, values: Mapping[str, Any] | None) -> Before:
        return cls(**values) if values else cls()

    def plain(self) -> dict[str, int]:
        return asdict(self)


def follow(course: Course, last_day: int, before: Before) -> tuple[dict[int, Context], Before]:
    """The context of contacts up to `last_day` (a day number), by session, and the state to go on from."""
    contexts: dict[int, Context] = {}
    for contact in sorted(course.contacts, key=lambda contact: contact.session):
        day = NO_DAY if contact.day is None else (contact.day - EPOCH).days
        if day > last_day:
            continue
        contexts[contact.session] = _context(contact, day, course.took_over, before)
        before = _after(contact, day, before)
    return contexts, before


def _context(contact: Contact, day: int, took_over: bool, before: Before) -> Context:
    if contact.absence:
        return Context(absence=contact.absence)
    is_back = before.announced > 0 and before.held > 0
    return Context(
        hard=contact.hard,
        back_after=_weeks(day, before) if is_back else None,
        took_over=took_over and before.held < FIRST_WITH_NEW,
    )


def _weeks(day: int, before: Before) -> int:
    """Weeks since the last contact that took place; a week for each absence where a date is missing."""
    if NO_DAY in (day, before.last_day):
        return before.announced
    return max(1, round((day - before.last_day) / WEEK))


def _after(contact: Contact, day: int, before: Before) -> Before:
    if contact.absence is Absence.ANNOUNCED:
        return Before(before.held, before.last_day, before.announced + 1)
    return before if contact.absence else Before(before.held + 1, day, 0)
