"""The rota of the demonstration: a shift on each working day, and a second one on one evening a week."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from accord.clinic.models.actors import SYSTEM
from accord.clinic.programme.duty import actions
from accord.clinic.programme.duty.actions import Entry
from accord.clinic.programme.duty.times import WEEKEND, Repeat, Times
from accord.clinic.web.demonstration import Demonstration

WEEKS = 12
BY_DAY = (time(9), time(18))
IN_THE_EVENING = (time(16), time(21))


def fill(demonstration: Demonstration) -> None:
    """From the first working day on whose shift has not ended yet, so that both states are seen."""
    by_day, in_the_evening = (_first_day(end) for _, end in (BY_DAY, IN_THE_EVENING))
    for name, number, day, (start, end), repeat in (
        ("Dr Wren Alder", "000 333 444", by_day, BY_DAY, Repeat.WEEKDAYS),
        ("Sorrel Okoye-Pine", "000 333 555", in_the_evening, IN_THE_EVENING, Repeat.WEEKLY),
    ):
        times = Times(day, start, day, end, settings.TIME_ZONE)
        actions.add(
            shift_id=uuid4(), organisation=demonstration.organisation, entry=Entry(name, number, times),
            repeat=repeat, weeks=WEEKS, by=SYSTEM,
        )  # fmt: skip


def _first_day(end: time) -> date:
    now = timezone.localtime().replace(tzinfo=None)
    day = now.date()
    while day.weekday() >= WEEKEND or datetime.combine(day, end) <= now:
        day += timedelta(days=1)
    return day
