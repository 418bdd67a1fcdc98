"""Looking at the record of clients: each reading leaves an event in the record that was read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accord.clinic.audit import verify as audit_log
from accord.clinic.audit.write import record_event, record_event_for_each
from accord.clinic.models import Engagement, Group, Person
from accord.clinic.policy import closest_to, closest_to_each

SHOWN, LISTED, EMERGENCIES = "worklist.shown", "people.shown", "break_glass.shown"


@transaction.atomic
def worklist(*, client_ids: Collection[UUID], by: Person, now: datetime) -> None:
    """Somebody opens their worklist: told once a day in the record of each client who stands on it."""
    _of_each(set(client_ids) - audit_log.clients_today(by, SHOWN, now), SHOWN, by, by)
    record_event(by=by, action="worklist.read", subject=by)


def people(*, client_ids: Collection[UUID], by: Person, now: datetime) -> None:
    """Somebody opens the list of people: told once a day in the record of each client who stands on it."""
    _of_each(set(client_ids) - audit_log.clients_today(by, LISTED, now), LISTED, by, by)


@transaction.atomic
def emergencies(*, client_ids: Collection[UUID], by: Person, now: datetime) -> None:
    """A lead opens the list of emergencies: told once a day in the record of each client who stands on it."""
    known = audit_log.clients_today(by, EMERGENCIES, now)
    _of_each(set(client_ids) - known, EMERGENCIES, by, by)


def group(*, group: Group, client_ids: Collection[UUID], by: Person) -> None:
    """Somebody opens the page about a group, which names the clients in it."""
    _of_each(client_ids, "group.read", group, by)


def caseload(*, leaver: Person, client_ids: Collection[UUID], by: Person) -> None:
    """Somebody looks at whom one of the staff works with, or at what is handed over when they leave."""
    _of_each(client_ids, "caseload.read", leaver, by)


def _of_each(client_ids: Collection[UUID], action: str, subject: Group | Person, by: Person) -> None:
    ids = sorted(set(client_ids))
    relations = closest_to_each(by, ids) if ids else {}
    others = [one for one in ids if one not in relations]
    # Whoever sees a client without treating or supervising does so by a role, which holds to all alike.
    by_role = closest_to(by, others[0], by.organisation_id) if others else None
    told = {one: relations.get(one, by_role) for one in ids}
    record_event_for_each(by=by, action=action, subject=subject, clients=told)


def client(*, client: Person, by: Person) -> None:
    """Somebody opens the page about a client."""
    record_event(by=by, action="client.read", subject=client, client_id=client.pk)


def form(*, engagement: Engagement, by: Person) -> None:
    """Somebody opens a form of their own about a client, which says what was answered before."""
    record_event(by=by, action="form.read", subject=engagement, client_id=engagement.client_id)


def sign_in(*, client: Person, by: Person) -> None:
    """Somebody looks at whether a client can sign in."""
    record_event(by=by, action="sign_in.read", subject=client, client_id=client.pk)


def person(*, person: Person, by: Person) -> None:
    """Opening what is administered about somebody: of a client, a reading of their record."""
    client_id = person.pk if person.is_client else None
    record_event(by=by, action="person.read", subject=person, client_id=client_id)


def agreements(*, client: Person, by: Person) -> None:
    record_event(by=by, action="agreements.read", subject=client, client_id=client.pk)


def own_answers(*, client: Person, taken_away: bool, by: Person) -> None:
    """The client's own look at their answers, or a copy they took."""
    action = "own_answers.take_away" if taken_away else "own_answers.read"
    record_event(by=by, action=action, subject=client, client_id=client.pk)
