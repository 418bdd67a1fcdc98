"""Contacts of a relationship: the next one, its date, and what each side reports about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.facts import changed, offered_forms
from accord.clinic.facts import current as facts
from accord.clinic.models import Absence, Contact, ContactReport, Engagement, Person
from accord.clinic.models.actors import Actor, System, person_of
from accord.clinic.policy import Action, Denied, can, check
from accord.errors import FormError
from accord.records.ratings import Hard, Rater

Side = ContactReport.Side
Attendance = ContactReport.Attendance
RECORDING = (Action.LOG_CONTACT, Action.ASK_CHECKIN, Action.RATE_OWN)  # acts that bring a new contact


class Changed(Exception):
    """Somebody else corrected this contact since the page was shown: nothing was stored."""


@dataclass(frozen=True)
class ReportedContact:
    """A clinician's report about a contact."""

    attendance: str
    kind: str
    planned: bool = True
    hard: str = ""


@transaction.atomic
def record(*, engagement: Engagement, day: date, by: Actor, contact_id: UUID | None = None) -> Contact:
    """The next contact of a relationship. Raises `InputError` for a day before its latest contact.

    Raises `Denied` for those who may neither log a contact, nor ask about one, nor rate their own work in it.
    """
    if not any(can(by, action, engagement) for action in RECORDING):
        raise Denied("a contact of a relationship of others")
    return _recorded(engagement, day, by, contact_id)


def _recorded(engagement: Engagement, day: date, by: Actor, contact_id: UUID | None) -> Contact:
    locked_row = changed.locked(engagement)
    latest = facts.current_contacts().filter(engagement=locked_row).order_by("-session").first()
    if latest and latest.day and day < latest.day:
        raise FormError(
            _("The latest contact was on %(day)s. Choose that day or a later one.")
            % {"day": date_format(latest.day)}
        )
    numbers = (
        Contact.objects.filter(engagement=locked_row).order_by("-session").values_list("session", flat=True)
    )
    contact = Contact(
        organisation_id=locked_row.organisation_id,
        engagement=locked_row,
        session=(numbers.first() or 0) + 1,
        day=day,
        made_at=timezone.now(),
    )
    if contact_id:
        contact.pk = contact_id
    contact.save()
    fields = ["session", "day"]
    record_event(
        by=by, action="contact.record", subject=contact, client_id=locked_row.client_id, fields=fields
    )
    return contact


def open_contact(engagement: Engagement, day: date, instrument: str, rater: Rater) -> Contact | None:
    """The latest contact, if it is on this day and the form is offered after it and not yet filled in."""
    of_one = offered_forms.with_kind(facts.current_contacts().filter(engagement=engagement))
    latest: Contact | None = of_one.select_related("engagement").order_by("-session").first()
    if latest is None or latest.day != day:
        return None
    if instrument not in offered_forms.after(offered_forms.kind_of(latest), rater):
        return None
    filled = facts.current_checkins().filter(contact=latest, instrument=instrument, rater=rater)
    return None if filled.exists() else latest


def log(
    *, contact_id: UUID, engagement: Engagement, day: date, reported: ReportedContact, by: Person
) -> Contact:
    """Log a report about a contact of this day: the one already recorded for the day, or a new one.

    Logging the same id twice keeps it once. Raises `InputError` for a day to come.
    """
    with transaction.atomic():
        return _logged(contact_id, engagement, day, reported, by)


def log_meeting(
    *, meeting_id: UUID, day: date, reported: Mapping[Engagement, ReportedContact], by: Person
) -> list[Contact]:
    """A meeting of a group: a contact of this day for each of its members, or for none.

    Logging the same meeting twice keeps it once. Raises `InputError` for a day to come, or before the latest
    contact of one of them.
    """
    with transaction.atomic():
        changed.locked_all(engagement.pk for engagement in reported)
        return [
            _logged(uuid5(meeting_id, engagement.pk.hex), engagement, day, reported[engagement], by)
            for engagement in reported
        ]


def _logged(
    contact_id: UUID, engagement: Engagement, day: date, reported: ReportedContact, by: Person
) -> Contact:
    """Inside its caller's transaction."""
    check(by, Action.LOG_CONTACT, engagement)
    if day > timezone.localdate():
        raise FormError(_("Choose today or an earlier date."))
    locked_row = changed.locked(engagement)
    known = Contact.objects.filter(pk=contact_id, engagement=locked_row).first()
    contact = known or _unreported(locked_row, day) or _recorded(locked_row, day, by, contact_id)
    if not _current_report(contact, Side.CLINICIAN):
        _write(locked_row, contact, Side.CLINICIAN, asdict(reported), None, by)
    return contact


def correct(*, contact: Contact, reported: ReportedContact, seen: UUID | None, by: Person) -> ContactReport:
    """Correct the report about a contact; the earlier one is kept. `seen`: the report the page showed.

    Raises `Changed` if another report has replaced it since.
    """
    check(by, Action.LOG_CONTACT, contact.engagement)
    with transaction.atomic():
        locked_row = changed.locked(contact.engagement)
        before = _current_report(contact, Side.CLINICIAN)
        if (before.pk if before else None) != seen:
            raise Changed
        return _write(locked_row, contact, Side.CLINICIAN, asdict(reported), before, by)


def mark_hard(*, contact: Contact, side: str, hard: Hard, by: Actor) -> None:
    """One side says with its check-in that the contact was meant to be hard; inside the check-in's own
    transaction, which holds the relationship and has checked who may do this."""
    before = _current_report(contact, side)
    if before and before.hard:
        return
    fields: dict[str, Any] = {"hard": hard.value}
    if side == Side.CLINICIAN:
        fields = _clinicians(contact.engagement, before) | fields
        if fields["attendance"] not in ContactReport.TOOK_PLACE:
            fields["attendance"] = Attendance.ATTENDED
    _write(contact.engagement, contact, side, fields, before, by)


def report_announced(*, contact: Contact, absence: Absence, by: System) -> None:
    """Report a missed contact as announced, in the name of the person who entered the absence.

    The caller holds the lock of the relationship, and asks only where no clinician has reported.
    """
    values = asdict(ReportedContact(Attendance.ANNOUNCED, offered_forms.usual_kind(contact.engagement)))
    _write(contact.engagement, contact, Side.CLINICIAN, values, None, by, absence.by)


def _clinicians(engagement: Engagement, before: ContactReport | None) -> dict[str, str]:
    """A clinician who fills the form about a contact was there."""
    kind = before.kind if before else offered_forms.usual_kind(engagement)
    return {"kind": kind, "attendance": before.attendance if before else Attendance.ATTENDED}


def _unreported(engagement: Engagement, day: date) -> Contact | None:
    """The contact of this day that was recorded by asking about it and has no report yet."""
    of_day = facts.current_contacts().filter(engagement=engagement, day=day)
    return of_day.exclude(reports__side=Side.CLINICIAN).order_by("session").first()


def _current_report(contact: Contact, side: str) -> ContactReport | None:
    return facts.current_reports().filter(contact=contact, side=side).first()


def _reporter(by: Actor) -> Person:
    person = person_of(by)
    if person is None:
        raise Denied("only people report on a contact")
    return person


def _write(
    locked_row: Engagement, contact: Contact, side: str, values: dict[str, Any], before: ContactReport | None,
    by: Actor, reporter: Person | None = None,
) -> ContactReport:  # fmt: skip
    report = ContactReport.objects.create(
        organisation_id=locked_row.organisation_id, contact=contact, side=side, by=reporter or _reporter(by),
        predecessor=before, made_at=timezone.now(), **values,
    )  # fmt: skip
    changed.facts_changed(locked_row, contact.session)
    fields = sorted(values)
    record_event(
        by=by, action="contact.report", subject=report, client_id=locked_row.client_id, fields=fields
    )
    return report
