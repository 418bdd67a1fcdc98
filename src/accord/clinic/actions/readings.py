"""Looking at the record of clients: each reading leaves an event in the record that was read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accord.clinic.audit import record_event, record_event_for_each
from accord.clinic.models import Engagement, Person
from accord.clinic.policy import closest_to_each
from accord.clinic.queries import audit_log

SHOWN = "worklist.shown"


@transaction.atomic
def worklist(*, client_ids: Collection[UUID], by: Person, now: datetime) -> None:
    """Somebody opens their worklist: told once a day in the record of each client who stands on it."""
    known = audit_log.clients_today(by, SHOWN, now)
    new = sorted(set(client_ids) - known)
    relations = closest_to_each(by, new) if new else {}
    record_event_for_each(by=by, action=SHOWN, subject=by, clients={one: relations.get(one) for one in new})
    record_event(by=by, action="worklist.read", subject=by)


def client(*, client: Person, by: Person) -> None:
    """Somebody opens the page about a client."""
    record_event(by=by, action="client.read", subject=client, client_id=client.pk)


def form(*, engagement: Engagement, by: Person) -> None:
    """Somebody opens a form of their own about a client, which says what was answered before."""
    record_event(by=by, action="form.read", subject=engagement, client_id=engagement.client_id)


def sign_in(*, client: Person, by: Person) -> None:
    """Somebody looks at whether a client can sign in."""
    record_event(by=by, action="sign_in.read", subject=client, client_id=client.pk)
