"""What a client may fill and who reads it. Nothing here is computed from answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accord.clinic.facts import care, links
from accord.clinic.facts import current as facts
from accord.clinic.facts.who_reads import heading, who_reads
from accord.clinic.models import Contact, Person
from accord.records.ratings import Rater

WAITS = links.GOOD_FOR  # a form waits as long as its link is good
CLIENT_FORM = "session-checkin"


@dataclass(frozen=True)
class WaitingForm:
    """A form that waits to be filled, and everybody who would read it."""

    title: str
    url: str
    day: date | None
    who_reads: tuple[str, ...]


def own_forms(client: Person, now: datetime) -> tuple[WaitingForm, ...]:
    """The forms a signed-in client may fill; each contact was asked about, and not yet answered."""
    today = timezone.localdate(now)
    own = care.in_care(today).filter(client=client)
    answered = facts.standing_checkins().filter(
        contact__engagement__in=own, rater=Rater.CLIENT, instrument=CLIENT_FORM
    )
    # As an expression, which no index has: a database that began there would read everybody's contacts.
    made_here = facts.standing_contacts().alias(brought=Coalesce("batch", "batch"))
    contacts = (
        made_here.filter(engagement__in=own, brought__isnull=True, made_at__gte=now - WAITS)
        .exclude(pk__in=answered.values("contact"))
        .select_related("engagement__clinician", "engagement__client")
        .order_by("-day")
    )
    return tuple(_waiting(contact, today) for contact in contacts)


def _waiting(contact: Contact, today: date) -> WaitingForm:
    engagement = contact.engagement
    url = reverse("checkin", args=[links.make_token(contact, CLIENT_FORM)])
    return WaitingForm(heading(engagement, contact.day), url, contact.day, who_reads(engagement, today))
