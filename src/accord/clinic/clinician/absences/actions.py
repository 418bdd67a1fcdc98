"""Enter and take back absences that a client announced."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.facts import changed
from accord.clinic.facts import current as facts
from accord.clinic.facts.absences import current_absences
from accord.clinic.models import Absence, ContactReport, Engagement, Person
from accord.clinic.policy import Action, check
from accord.errors import FormError

LONGEST = timedelta(days=183)
DATES = ("first_day", "last_day", "announced_on")


@transaction.atomic
def announce(*, client: Person, first_day: date, last_day: date, announced_on: date, by: Person) -> Absence:
    """Enter an absence; the same dates again add nothing. Raises `FormError` for impossible dates."""
    check(by, Action.KEEP_ABSENCES, client)
    _refuse_impossible(first_day, last_day, announced_on)
    _lock(client)
    dates = {"first_day": first_day, "last_day": last_day, "announced_on": announced_on}
    if same := current_absences().filter(client=client, **dates).first():
        return same
    row = Absence.objects.create(
        organisation_id=client.organisation_id, client=client, by=by, made_at=timezone.now(), **dates
    )
    _reassess_contacts_of(row)
    record_event(by=by, action="absence.announce", subject=row, client_id=client.pk, fields=DATES)
    return row


@transaction.atomic
def take_back(*, absence: Absence, by: Person) -> Absence:
    """Take back an absence that does not take place or was entered by mistake; again adds nothing.

    Contacts that were reported as announced meanwhile stay so.
    """
    check(by, Action.KEEP_ABSENCES, absence.client)
    _lock(absence.client)
    if not current_absences().filter(pk=absence.pk).exists():
        return absence
    row = Absence.objects.create(
        organisation_id=absence.organisation_id, client_id=absence.client_id, predecessor=absence, by=by,
        made_at=timezone.now(), is_taken_back=True, **{name: getattr(absence, name) for name in DATES},
    )  # fmt: skip
    record_event(
        by=by, action="absence.take_back", subject=row, client_id=row.client_id, fields=["is_taken_back"]
    )
    return row


def announced_contacts(absence: Absence) -> QuerySet[ContactReport]:
    """Reports of contacts on its days that count as announced: taking it back leaves them as they are."""
    return facts.current_reports().filter(
        side=ContactReport.Side.CLINICIAN,
        attendance=ContactReport.Attendance.ANNOUNCED,
        contact__engagement__client=absence.client_id,
        contact__day__range=(absence.counts_from, absence.last_day),
    )


def _refuse_impossible(first_day: date, last_day: date, announced_on: date) -> None:
    today = timezone.localdate()
    if last_day < first_day:
        raise FormError(
            _("Choose a last day on or after %(day)s, the first day.") % {"day": date_format(first_day)}
        )
    if last_day - first_day > LONGEST:
        raise FormError(_("Enter at most six months at once, so that silence is noticed again."))
    if announced_on > today:
        raise FormError(_("Choose today or an earlier date for the announcement."))
    if announced_on > last_day:
        raise FormError(
            _("An absence is announced before it is over. Choose an earlier day, or correct each contact on "
              "its page.")
        )  # fmt: skip


def _lock(client: Person) -> None:
    """Lock the client's row, so that absences are entered one after the other."""
    Person.objects.select_for_update(no_key=True).get(pk=client.pk)


def _reassess_contacts_of(absence: Absence) -> None:
    """Have relationships with contacts within the absence assessed again."""
    days = (absence.counts_from, absence.last_day)
    contacts = facts.current_contacts().filter(engagement__client=absence.client_id, day__range=days)
    first: dict[Engagement, int] = {}
    for contact in contacts.select_related("engagement").order_by("-session"):
        first[contact.engagement] = contact.session
    changed.locked_all(engagement.pk for engagement in first)
    for engagement, session in first.items():
        changed.facts_changed(changed.locked(engagement), session)
