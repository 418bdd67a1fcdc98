"""The log for auditors: who opened or changed something, when and as what; never what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.clinic.audit.actions import words_for
from accord.clinic.models import AuditEvent, Person
from accord.clinic.policy import Action, Relation, check

ON_A_PAGE = 100
AS: Mapping[str, Any] = {
    Relation.OWN: gettext_lazy("the client"),
    Relation.DISCHARGED: gettext_lazy("the client, after treatment"),
    Relation.ENGAGED: gettext_lazy("treats the client"),
    Relation.PEER: gettext_lazy("peer worker of the client"),
    Relation.SHARES: gettext_lazy("treats the client, in another relationship"),
    Relation.SUPERVISES: gettext_lazy("supervises a team that treats the client"),
    Relation.BREAK_GLASS: gettext_lazy("in an emergency"),
    Relation.LEAD: gettext_lazy("programme lead"),
    Relation.ADMINISTRATOR: gettext_lazy("administrator"),
    Relation.RESEARCHER: gettext_lazy("researcher"),
    Relation.AUDITOR: gettext_lazy("auditor"),
}
OTHERWISE = gettext_lazy("without a relation of their own")


@dataclass(frozen=True)
class Row:
    """One event. `client`: code of whose record it is in, and `words` what the client reads of it there; both
    empty for an event in nobody's record."""

    at: datetime
    who: str
    relation: str
    action: str
    client: str
    words: str


@dataclass(frozen=True)
class Log:
    """Newest first. `earlier`: number of the event before which the next page begins; None: there is none."""

    rows: tuple[Row, ...]
    client_ids: frozenset[UUID]
    earlier: int | None


def read_log(
    viewer: Person, *, since: date, until: date, staff: str = "", code: str = "", before: int | None = None
) -> Log:
    """A page of the log. Raises `Denied` for anybody but an auditor of the organisation.

    `staff`, `code`: events by somebody of exactly this name, and in the record of exactly this code.
    """
    check(viewer, Action.READ_AUDIT, viewer.organisation)
    events = AuditEvent.objects.filter(
        organisation_id=viewer.organisation_id, at__gte=_begins(since), at__lt=_begins(until + timedelta(1))
    )
    people = Person.objects.filter(organisation=viewer.organisation_id)
    if staff:
        events = events.filter(actor_id__in=_ids(people.filter(kind=Person.Kind.STAFF, name__iexact=staff)))
    if code:
        events = events.filter(client_id__in=_ids(people.filter(kind=Person.Kind.CLIENT, code__iexact=code)))
    if before is not None:
        events = events.filter(sequence__lt=before)
    found = list(events.order_by("-sequence")[: ON_A_PAGE + 1])
    shown = found[:ON_A_PAGE]
    return Log(
        _rows(shown, _named(people, shown)),
        frozenset(event.client_id for event in shown if event.client_id is not None),
        shown[-1].sequence if len(found) > ON_A_PAGE else None,
    )


def _begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _ids(people: QuerySet[Person]) -> list[UUID]:
    return list(people.values_list("pk", flat=True))


def _named(people: QuerySet[Person], events: Sequence[AuditEvent]) -> Mapping[UUID, Person]:
    ids = [pk for event in events for pk in (event.actor_id, event.client_id) if pk is not None]
    return {person.pk: person for person in people.filter(pk__in=ids)}


def _rows(events: Sequence[AuditEvent], people: Mapping[UUID, Person]) -> tuple[Row, ...]:
    return tuple(_row(event, people) for event in events)


def _row(event: AuditEvent, people: Mapping[UUID, Person]) -> Row:
    client = people.get(event.client_id) if event.client_id else None
    return Row(
        at=event.at,
        who=_who(event, people),
        relation=str(AS.get(event.relation, OTHERWISE)) if event.relation else "",
        action=event.action,
        client=client.code if client else "",
        words=str(words_for(event.action).text) if event.client_id else "",
    )


def _who(event: AuditEvent, people: Mapping[UUID, Person]) -> str:
    """The name of one of the staff; a client by their code alone."""
    actor = people.get(event.actor_id) if event.actor_id else None
    if actor is not None:
        return actor.name if actor.is_staff else actor.code
    return {"system": _("the site"), "link": _("a link to a form")}.get(
        event.actor_kind, _("somebody whose entry is gone")
    )
