"""People on duty now, for the panel “If it is urgent”. Outside of a shift nobody is on duty.

Nothing here guesses: where the organisation is not known, nothing is said; where the rota cannot be read, or
no shift could be taken back, the panel says that it cannot show who is on duty.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import Error
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.models import DutyShift, Organisation, read_only
from accord.clinic.models.fact import replaced

AHEAD = timedelta(days=7)  # within which the panel names the next shift
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OnDuty:
    """Somebody who can be called now. `until`: in words; `seconds_left`: how long that is from now."""

    name: str
    number: str
    dialled: str
    until: str
    seconds_left: int


@dataclass(frozen=True)
class Duty:
    """What the panel says. `next_start`: in words, while nobody is on duty and a shift is near."""

    now: tuple[OnDuty, ...] = ()
    next_start: str = ""
    is_known: bool = True


NOT_KNOWN = Duty(is_known=False)


def current_shifts() -> QuerySet[DutyShift]:
    """Shifts that were neither changed nor taken back, past ones too."""
    return DutyShift.objects.filter(~replaced(DutyShift), taken_back=False)


def coming_shifts(organisation_id: UUID, now: datetime) -> QuerySet[DutyShift]:
    """The organisation's shifts that run now or are to come, in the order of their start."""
    rows = current_shifts().filter(organisation=organisation_id, ends_at__gt=now)
    return rows.order_by("starts_at", "ends_at", "name")


def is_running(shift: DutyShift, now: datetime) -> bool:
    """Whether `now` lies in the shift: its start belongs to it, its end does not."""
    return bool(shift.starts_at <= now < shift.ends_at)


def panel(organisation_id: UUID | None, now: datetime | None = None) -> Duty | None:
    """What the panel says to people of this organisation; None where it says nothing.

    Without an organisation, that of the site is used if there is only one.
    """
    now = now or timezone.now()
    if read_only.is_on():
        return NOT_KNOWN  # no shift could be taken back
    try:
        organisation_id = organisation_id or _only_organisation()
        if organisation_id is None:
            return None
        return at(coming_shifts(organisation_id, now).filter(starts_at__lte=now + AHEAD), now)
    except Error:
        log.exception("who is on duty could not be read")
        return NOT_KNOWN


def at(shifts: Iterable[DutyShift], now: datetime) -> Duty:
    """What these shifts, in the order of their start, say at the moment `now`."""
    rows = list(shifts)
    running = [shift for shift in rows if is_running(shift, now)]
    if running:
        return Duty(tuple(_people(running, now)))
    following = next((shift for shift in rows if shift.starts_at > now), None)
    return Duty(next_start=_moment(following.starts_at, following, now) if following else "")


def _people(running: Iterable[DutyShift], now: datetime) -> Iterable[OnDuty]:
    """One line for each person and number, until the last of their shifts ends; who ends last comes last."""
    latest = {(shift.name, shift.dialled): shift for shift in sorted(running, key=lambda row: row.ends_at)}
    for shift in latest.values():
        left = int((shift.ends_at - now).total_seconds())
        yield OnDuty(shift.name, shift.number, shift.dialled, _until(shift, now), left)


def _until(shift: DutyShift, now: datetime) -> str:
    """The end of a shift in words; of today as a time alone."""
    if _days_ahead(shift.ends_at, shift, now) > 0:
        return _moment(shift.ends_at, shift, now)
    return with_zone(date_format(shift.ends_at.astimezone(shift.tz), "H:i"), shift.ends_at, shift)


def _moment(when: datetime, shift: DutyShift, now: datetime) -> str:
    """The moment in words, by the clocks of the shift's zone; it is named where they differ from the site's.

    Today and tomorrow have their weekday beside them, as a page may stay open past midnight.
    """
    shown = when.astimezone(shift.tz)
    values = {"weekday": date_format(shown, "l"), "time": date_format(shown, "H:i")}
    days = _days_ahead(when, shift, now)
    if days > 1:
        words = date_format(shown, "l, j F, H:i")
    elif days == 1:
        words = _("tomorrow, %(weekday)s, at %(time)s") % values
    else:
        words = _("today, %(weekday)s, at %(time)s") % values
    return with_zone(words, when, shift)


def _days_ahead(when: datetime, shift: DutyShift, now: datetime) -> int:
    return (when.astimezone(shift.tz).date() - now.astimezone(shift.tz).date()).days


def with_zone(words: str, when: datetime, shift: DutyShift) -> str:
    """A time in words, with the shift's zone where its clocks differ from the site's at that moment."""
    if when.astimezone(shift.tz).utcoffset() == timezone.localtime(when).utcoffset():
        return words
    return _("%(time)s (%(zone)s)") % {"time": words, "zone": shift.zone}


def _only_organisation() -> UUID | None:
    first_two = list(Organisation.objects.values_list("pk", flat=True)[:2])
    return first_two[0] if len(first_two) == 1 else None
