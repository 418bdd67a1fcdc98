"""Forms that were filled, and asking for one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.client.own_notes import actions as own_notes
from accord.clinic.facts import care, changed, links, offered_forms
from accord.clinic.facts import current as facts
from accord.clinic.facts.accepted_answers import accepted, may_be_offered
from accord.clinic.facts.body import body_hash
from accord.clinic.models import CheckIn, Contact, ContactReport, Engagement, LinkWithdrawal, Person
from accord.clinic.models.actors import Actor, Link
from accord.clinic.models.line import Line
from accord.clinic.monitoring import contacts
from accord.clinic.policy import Action, Denied, check, current_engagements
from accord.errors import FormError
from accord.records.ratings import Hard, Instrument, Rater


class Conflict(Exception):
    """This id was used before with other answers: nothing was stored."""


def submit(
    *,
    checkin_id: UUID,
    contact: Contact,
    rater: Rater,
    instrument: Instrument,
    answers: Mapping[int, float],
    by: Actor,
    line: Line | None = None,
    at: datetime | None = None,
    hard: Hard | None = None,
) -> CheckIn:
    """Store a filled form. What it says is looked at by a job, which is woken at once.

    `line`: the client's own words beside it; if they cannot be sealed, `KeyProblem` and nothing is stored.
    `hard`: this side says that the contact was meant to be hard.

    Sending the same form twice stores it once; the same id with other answers raises `Conflict`. A second
    form by the same rater about the same contact succeeds the first.
    """
    may_fill(engagement=contact.engagement, rater=rater, by=by)
    if not may_be_offered(instrument) or rater not in instrument.raters:
        raise Denied(f"{instrument.id} is not offered to a {rater}")
    # Durable: this returns only once the database has it, whatever calls it.
    with transaction.atomic(durable=True):
        return _stored(
            checkin_id, contact, rater, instrument, accepted(instrument, answers), line, by, at, hard
        )


def may_fill(*, engagement: Engagement, rater: Rater, by: Actor) -> None:
    """Raises `Denied` unless this is the client, or the clinician about own work, while it lasts."""
    action = Action.FILL_OWN_FORM if rater is Rater.CLIENT else Action.RATE_OWN
    check(by, action, engagement)
    open_to_it = care.in_care() if rater is Rater.CLIENT else current_engagements()
    if not open_to_it.filter(pk=engagement.pk).exists():
        raise Denied("the relationship, or the client's care here, has ended")


def _stored(
    checkin_id: UUID,
    contact: Contact,
    rater: Rater,
    instrument: Instrument,
    answers: Mapping[str, float],
    line: Line | None,
    by: Actor,
    at: datetime | None,
    hard: Hard | None,
) -> CheckIn:
    engagement = changed.locked(contact.engagement)
    contact.engagement = engagement  # what is written now belongs to the row that is held
    body = body_hash(contact.pk, rater, instrument, answers, line, hard)
    known: CheckIn | None = CheckIn.objects.filter(pk=checkin_id).first()
    if known:
        if known.body_hash != body or not own_notes.is_same(known, line):
            raise Conflict
        return known
    same = {"contact": contact, "rater": rater.value, "instrument": instrument.id}
    before = facts.newest_checkin(**same)
    checkin = CheckIn(
        pk=checkin_id,
        organisation_id=engagement.organisation_id,
        predecessor=before,
        revision=before.revision + 1 if before else 0,
        instrument_version=instrument.version,
        answers=dict(answers),
        received_at=at or timezone.now(),
        body_hash=body,
        via=CheckIn.Via.LINK if isinstance(by, Link) else CheckIn.Via.STAFF,
        **same,
    )
    try:
        with transaction.atomic():
            checkin.save()
    except IntegrityError as error:  # the id went to another relationship in this very moment
        raise Conflict from error
    if line is not None:
        own_notes.write(checkin=checkin, line=line)
    changed.facts_changed(engagement, contact.session)
    if hard:
        contacts.mark_hard(contact=contact, side=_side(rater), hard=hard, by=by)
    fields = [f"item_{number}" for number in answers] + (["line"] if line else [])
    client_id = engagement.client_id
    record_event(by=by, action="checkin.submit", subject=checkin, client_id=client_id, fields=fields)
    return checkin


def _side(rater: Rater) -> ContactReport.Side:
    return ContactReport.Side.CLIENT if rater is Rater.CLIENT else ContactReport.Side.CLINICIAN


@transaction.atomic
def ask(*, engagement: Engagement, day: date, by: Actor) -> tuple[Contact, str]:
    """Make a link that asks the client about the contact of this day. Returns the contact and the token.

    Asking again on the same day, before an answer came, gives a link to the same contact.
    """
    check(by, Action.ASK_CHECKIN, engagement)
    if not care.in_care().filter(pk=engagement.pk).exists():
        raise Denied("nobody is asked whose care here has ended")
    locked_row = changed.locked(engagement)
    contact, form = _open(locked_row, day) or _new(locked_row, day, by)
    record_event(by=by, action="checkin.ask", subject=contact, client_id=locked_row.client_id)
    return contact, links.make_token(contact, form)


def _open(locked_row: Engagement, day: date) -> tuple[Contact, str] | None:
    """The contact of this day with the first form that the client has not filled about it."""
    for form in offered_forms.to_rater(Rater.CLIENT):
        contact = contacts.open_contact(locked_row, day, form, Rater.CLIENT)
        if contact:
            return contact, form
    return None


def _new(locked_row: Engagement, day: date, by: Actor) -> tuple[Contact, str]:
    offered = offered_forms.after(offered_forms.usual_kind(locked_row), Rater.CLIENT)
    if not offered:
        raise FormError(_("No form is offered to the client after a contact of this kind."))
    return contacts.record(engagement=locked_row, day=day, by=by), offered[0]


@transaction.atomic
def withdraw_links(*, contact: Contact, by: Person) -> LinkWithdrawal:
    """Take back every link about this contact that was made so far; a later one works again."""
    check(by, Action.ASK_CHECKIN, contact.engagement)
    row = LinkWithdrawal.objects.create(
        organisation_id=contact.organisation_id, contact=contact, by=by, at=timezone.now()
    )
    client_id = contact.engagement.client_id
    record_event(by=by, action="checkin.withdraw_links", subject=row, client_id=client_id)
    return row
