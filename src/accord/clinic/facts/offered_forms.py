"""Table of offered forms: one row for each form, with its rater and kinds of contact."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accord.clinic.facts import current as facts
from accord.clinic.models import Contact, ContactReport, Engagement
from accord.records.ratings import Rater

Kind = ContactReport.Kind
ANY = frozenset(Kind.values)


@dataclass(frozen=True)
class Offered:
    """A form by its instrument's id, who fills it, and after which kinds of contact."""

    instrument: str
    rater: Rater
    after: frozenset[str] = ANY


# In the order in which they are offered.
OFFERED: tuple[Offered, ...] = (
    Offered("session-checkin", Rater.CLIENT),
    Offered("session-checkin-clinician", Rater.CLINICIAN),
)


def to_rater(rater: Rater) -> tuple[str, ...]:
    """Ids of all forms offered to `rater`, after any kind of contact."""
    return tuple(offer.instrument for offer in OFFERED if offer.rater is rater)


def after(kind: str, rater: Rater, filled: Collection[str] = ()) -> tuple[str, ...]:
    """Ids of the forms offered to `rater` after a contact of this kind, without those `filled` already."""
    offered = (offer for offer in OFFERED if offer.rater is rater and kind in offer.after)
    return tuple(offer.instrument for offer in offered if offer.instrument not in filled)


def due_from_clinician(kind: str, filled: Collection[str]) -> tuple[str, ...]:
    """Ids of the forms the clinician has still to fill about a contact.

    Nobody who rated it with an instrument that is not offered here is asked again.
    """
    return after(kind, Rater.CLINICIAN, filled) if set(filled) <= set(to_rater(Rater.CLINICIAN)) else ()


def usual_kind(engagement: Engagement) -> str:
    """The default kind of a contact, used until somebody reports it."""
    return Kind.GROUP.value if engagement.role == Engagement.Role.GROUP else Kind.INDIVIDUAL.value


def with_kind(contacts: QuerySet[Contact]) -> QuerySet[Any]:
    """The same contacts, each with its kind as its clinician said it as `said_kind`; None: not said."""
    reports = facts.current_reports().filter(contact=OuterRef("pk"), side=ContactReport.Side.CLINICIAN)
    return contacts.annotate(said_kind=Subquery(reports.values("kind")[:1]))


def kind_of(contact: Any) -> str:
    """The kind of a contact that `with_kind` returned."""
    return contact.said_kind or usual_kind(contact.engagement)


def with_filled(contacts: QuerySet[Contact], rater: Rater) -> QuerySet[Any]:
    """The same contacts for `left`: with their kind, and whether `rater` has filled each form."""
    own = facts.current_checkins().filter(contact=OuterRef("pk"), rater=rater)
    columns = {_column(form): Exists(own.filter(instrument=form)) for form in to_rater(rater)}
    annotated: QuerySet[Any] = with_kind(contacts).annotate(**columns)
    return annotated


def left(contact: Any, rater: Rater) -> tuple[str, ...]:
    """Ids of the forms that wait to be filled about a contact that `with_filled` returned."""
    filled = [form for form in to_rater(rater) if getattr(contact, _column(form))]
    return after(kind_of(contact), rater, filled)


def _column(form: str) -> str:
    return "filled_" + form.replace("-", "_")
