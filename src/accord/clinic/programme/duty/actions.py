"""Entering, changing and taking back shifts of people who are on duty."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.facts.duty import current_shifts
from accord.clinic.models import DutyShift, Organisation
from accord.clinic.models.actors import Actor, person_of
from accord.clinic.policy import Action, check
from accord.clinic.programme.duty import times as duty_times
from accord.clinic.programme.duty.times import Repeat, Times
from accord.clinic.web.names import refuse_hidden_signs
from accord.errors import FormError

NUMBER = re.compile(r"\+?[0-9 ()./-]{2,40}")
FEWEST_DIGITS = 2
FIELDS = ("starts_at", "ends_at", "zone", "name", "number")


class Changed(Exception):
    """Somebody else changed or took back the shift since the page was shown, or it has ended."""


@dataclass(frozen=True)
class Entry:
    """A shift as it is entered: who, by which number, and when."""

    name: str
    number: str
    times: Times


@transaction.atomic
def add(
    *,
    shift_id: UUID,
    organisation: Organisation,
    entry: Entry,
    by: Actor,
    repeat: str = Repeat.ONCE,
    weeks: int = 1,
) -> list[DutyShift]:
    """Enter a shift, and the same again on other days: all of them or none.

    The same id again enters nothing and returns the shifts that it entered before. Raises `FormError` for a
    shift that makes no sense, and for another shift under an id that is taken.
    """
    check(by, Action.KEEP_DUTY, organisation)
    entry = _checked(entry)
    entries = [replace(entry, times=times) for times in duty_times.repeated(entry.times, repeat, weeks)]
    ids = [uuid5(shift_id, f"{organisation.pk} {number}") for number in range(len(entries))]
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    rows = [_row(organisation.pk, each, by, pk=pk) for pk, each in zip(ids, entries, strict=True)]
    if known := list(DutyShift.objects.filter(pk__in=ids)):
        return _same(known, rows)
    for row in rows:
        row.save()
        record_event(by=by, action="duty_shift.add", subject=row, fields=FIELDS)
    return rows


@transaction.atomic
def change(*, shift: DutyShift, entry: Entry, by: Actor) -> DutyShift:
    """Replace the shift from now on. Raises `Changed`, and `FormError` for times that make no sense."""
    check(by, Action.KEEP_DUTY, shift)
    before = _locked(shift)
    row = _row(before.organisation_id, _checked(entry), by, predecessor=before)
    row.save()
    record_event(by=by, action="duty_shift.change", subject=row, fields=FIELDS)
    return row


@transaction.atomic
def take_back(*, shift: DutyShift, by: Actor) -> None:
    """Take the shift back: pages opened from now on do not show it. Raises `Changed`."""
    check(by, Action.KEEP_DUTY, shift)
    before = _locked(shift)
    kept = {name: getattr(before, name) for name in FIELDS}
    row = DutyShift(
        organisation_id=before.organisation_id,
        predecessor=before,
        taken_back=True,
        entered_by=person_of(by),
        entered_at=timezone.now(),
        **kept,
    )
    row.save()
    record_event(by=by, action="duty_shift.take_back", subject=row, fields=["taken_back"])


def _same(known: list[DutyShift], rows: list[DutyShift]) -> list[DutyShift]:
    """The known rows of a form that came twice. Raises `FormError` where it holds something else by now."""
    held, sent = (
        {tuple(getattr(row, name) for name in ("pk", *FIELDS)) for row in of} for of in (known, rows)
    )
    if held != sent:
        raise FormError(
            _("This form was entered already, and nothing was added now. Open “Add a shift” again.")
        )
    return known


def is_open(shift: DutyShift) -> bool:
    """Whether the shift can still be changed or taken back."""
    return current_shifts().filter(pk=shift.pk, ends_at__gt=timezone.now()).exists()


def _locked(shift: DutyShift) -> DutyShift:
    row: DutyShift = DutyShift.objects.select_for_update(no_key=True).get(pk=shift.pk)
    if not is_open(row):
        raise Changed
    return row


def _checked(entry: Entry) -> Entry:
    """The entry without needless blanks. Raises `FormError`."""
    name, number = " ".join(entry.name.split()), " ".join(entry.number.split())
    if not name:
        raise FormError(_("Write the name of the person who is on duty."))
    refuse_hidden_signs(name)
    if not NUMBER.fullmatch(number) or sum(sign.isdigit() for sign in number) < FEWEST_DIGITS:
        raise FormError(
            _("Write a telephone number that can be dialled, such as +49 30 1234567: digits, with blanks or "
              "signs between them, and nothing else.")
        )  # fmt: skip
    duty_times.validate(entry.times, timezone.now())
    return Entry(name, number, entry.times)


def _row(organisation_id: UUID, entry: Entry, by: Actor, **more: object) -> DutyShift:
    starts_at, ends_at = entry.times.moments()
    return DutyShift(
        organisation_id=organisation_id,
        starts_at=starts_at,
        ends_at=ends_at,
        zone=entry.times.zone,
        name=entry.name,
        number=entry.number,
        entered_by=person_of(by),
        entered_at=timezone.now(),
        **more,
    )
