"""Forms that a client may fill in, with their readers. Nothing here is computed from answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.facts import care, links, offered_forms
from accord.clinic.facts import current as facts
from accord.clinic.facts.instruments import find, name_for_client
from accord.clinic.facts.who_reads import heading, who_reads
from accord.clinic.models import Contact, Person
from accord.records.ratings import Rater

WAITS = links.GOOD_FOR  # a form waits as long as its link is good


@dataclass(frozen=True)
class WaitingForm:
    """A form that waits to be filled in, and everybody who would read it."""

    title: str
    url: str
    day: date | None
    who_reads: tuple[str, ...]


def own_forms(client: Person, now: datetime) -> tuple[WaitingForm, ...]:
    """The forms a signed-in client may fill; each is offered after its contact, and not yet answered."""
    today = timezone.localdate(now)
    own = care.in_care(today).filter(client=client)
    # As an expression, which no index has: a database that began there would read everybody's contacts.
    made_here = facts.current_contacts().alias(brought=Coalesce("batch", "batch"))
    contacts = made_here.filter(engagement__in=own, brought__isnull=True, made_at__gte=now - WAITS)
    asked = offered_forms.with_filled(contacts, Rater.CLIENT)
    asked = asked.select_related("engagement__clinician", "engagement__client").order_by("-day")
    return tuple(
        _waiting(contact, form, today)
        for contact in asked
        for form in offered_forms.left(contact, Rater.CLIENT)
    )


def _waiting(contact: Contact, form: str, today: date) -> WaitingForm:
    engagement = contact.engagement
    url = reverse("checkin", args=[links.make_token(contact, form)])
    return WaitingForm(_title(contact, form), url, contact.day, who_reads(engagement, today))


def _title(contact: Contact, form: str) -> str:
    """The form's heading, with its own name if several are offered after the contact."""
    title = heading(contact.engagement, contact.day)
    if len(offered_forms.after(offered_forms.kind_of(contact), Rater.CLIENT)) == 1:
        return title
    name = name_for_client(find(contact.organisation_id, form))
    return _("%(heading)s: %(form)s") % {"heading": title, "form": name}
