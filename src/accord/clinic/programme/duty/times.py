"""Times of shifts as people write them in a zone, and the moments that they mean. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.errors import FormError

LONGEST = timedelta(days=7)  # of one shift, by the clock on the wall
AHEAD = timedelta(days=366)  # a later first or last day is likely to be a slip
MOST_WEEKS = 26
WEEKEND = 5  # date.weekday() of Saturday


class Repeat(models.TextChoices):
    """On which days the same shift is entered."""

    ONCE = "once", gettext_lazy("only once")
    WEEKLY = "weekly", gettext_lazy("on this day of every week")
    WEEKDAYS = "weekdays", gettext_lazy("on every day from Monday to Friday")
    DAILY = "daily", gettext_lazy("on every day, weekends too")


@dataclass(frozen=True)
class Times:
    """A shift by the clock on the wall, in a zone."""

    day: date
    start: time
    last_day: date
    end: time
    zone: str

    def moved(self, days: int) -> Times:
        step = timedelta(days=days)
        return Times(self.day + step, self.start, self.last_day + step, self.end, self.zone)

    def moments(self) -> tuple[datetime, datetime]:
        """Start and end. Raises `FormError` for times that no clock shows, or shows twice."""
        return _moment(self.day, self.start, self.zone), _moment(self.last_day, self.end, self.zone)


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises `FormError` where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise FormError(
            _("No time zone is called “%(zone)s”. Write a name such as Europe/Berlin.") % {"zone": name}
        ) from None


def validate(times: Times, now: datetime) -> None:
    """Refuse times that make no sense, or lie too far ahead, or are over. Raises `FormError`."""
    zone = zone_of(times.zone)
    wall_now = now.astimezone(zone).replace(tzinfo=None)
    if max(times.day, times.last_day) - wall_now.date() > AHEAD:
        raise FormError(_("Choose days within the next twelve months."))
    start, end = datetime.combine(times.day, times.start), datetime.combine(times.last_day, times.end)
    if end <= start:
        raise FormError(
            _("The shift would end before it starts. Choose a later time, or the later day on which it ends.")
        )
    if end - start > LONGEST:
        raise FormError(
            _("A shift lasts seven days at most. Choose an earlier end, and enter the rest as another shift.")
        )
    if end <= wall_now:
        raise FormError(_("This shift would be over already. Choose a later end."))


def repeated(times: Times, repeat: str, weeks: int) -> Iterator[Times]:
    """The same shift on each of its days in so many weeks, the first one on its own day.

    Raises `FormError` where the first day is not one of them, or for too many weeks.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise FormError(_("Choose between 1 and %(most)s weeks.") % {"most": MOST_WEEKS})
    if repeat == Repeat.WEEKDAYS and times.day.weekday() >= WEEKEND:
        raise FormError(_("The first day lies on a weekend. Choose a day from Monday to Friday."))
    step, count = (7, weeks) if repeat == Repeat.WEEKLY else (1, 7 * weeks)
    for number in range(1 if repeat == Repeat.ONCE else count):
        moved = times.moved(number * step)
        if repeat != Repeat.WEEKDAYS or moved.day.weekday() < WEEKEND:
            yield moved


def _moment(day: date, clock: time, zone: str) -> datetime:
    """The moment at which clocks in the zone show this, where they show it exactly once."""
    first, second = (datetime.combine(day, clock, ZoneInfo(zone)).replace(fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    shown = {"day": date_format(day, "j F Y"), "time": time_format(clock, "H:i")}
    if first.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != first.replace(tzinfo=None):
        raise FormError(
            _("On %(day)s clocks go forward and never show %(time)s. Choose an earlier or a later time.")
            % shown
        )
    raise FormError(
        _("On %(day)s clocks go back and show %(time)s twice. Choose an earlier or a later time.") % shown
    )
