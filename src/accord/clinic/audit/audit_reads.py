"""Audit events for reading clients' records; each read is noted in the record that was read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accord.clinic.audit import verification
from accord.clinic.audit.write import record_event, record_event_for_each
from accord.clinic.models import Engagement, Group, ImportBatch, Person
from accord.clinic.policy import primary_relation_to, primary_relation_to_each

SHOWN, LISTED, EMERGENCIES = "worklist.shown", "people.shown", "break_glass.shown"
LOG = "audit.shown"


@transaction.atomic
def worklist(*, client_ids: Collection[UUID], by: Person, now: datetime) -> None:
    """Note an opened worklist, once a day in the record of each client on it."""
    _of_each(set(client_ids) - verification.clients_today(by, SHOWN, now), SHOWN, by, by)
    record_event(by=by, action="worklist.read", subject=by)


def people(*, client_ids: Collection[UUID], by: Person, now: datetime) -> None:
    """Note an opened list of people, once a day in the record of each client on it."""
    _of_each(set(client_ids) - verification.clients_today(by, LISTED, now), LISTED, by, by)


@transaction.atomic
def emergencies(*, client_ids: Collection[UUID], by: Person, now: datetime) -> None:
    """Note an opened list of emergencies, once a day in the record of each client on it."""
    known = verification.clients_today(by, EMERGENCIES, now)
    _of_each(set(client_ids) - known, EMERGENCIES, by, by)


@transaction.atomic
def audit_log(*, client_ids: Collection[UUID], by: Person, now: datetime) -> None:
    """Note an opened page of the log, once a day in the record of each client on it."""
    _of_each(set(client_ids) - verification.clients_today(by, LOG, now), LOG, by, by)


def refused(*, page: str, by: Person) -> None:
    """Note a page that did not open for this person. Whose record they asked for is left out."""
    record_event(by=by, action="page.refused", subject=by, fields=[page])


def group(*, group: Group, client_ids: Collection[UUID], by: Person) -> None:
    """Note an opened page about a group in the record of each member."""
    _of_each(client_ids, "group.read", group, by)


def import_batch(*, batch: ImportBatch, client_ids: Collection[UUID], by: Person) -> None:
    """Note an opened page about an import in the record of each client whose answers it shows."""
    _of_each(client_ids, "import.read", batch, by)


def import_preview(*, client_ids: Collection[UUID], by: Person) -> None:
    """Note an opened preview of a file in the record of each client whose answers on record it shows."""
    _of_each(client_ids, "import.read", by, by)


def caseload(*, leaver: Person, client_ids: Collection[UUID], by: Person) -> None:
    """Note a viewed caseload in the record of each client in it."""
    _of_each(client_ids, "caseload.read", leaver, by)


def _of_each(
    client_ids: Collection[UUID], action: str, subject: Group | ImportBatch | Person, by: Person
) -> None:
    ids = sorted(set(client_ids))
    relations = primary_relation_to_each(by, ids) if ids else {}
    others = [client_id for client_id in ids if client_id not in relations]
    # People who see a client without treating or supervising them do so by a role, the same for all clients.
    by_role = primary_relation_to(by, others[0], by.organisation_id) if others else None
    relation_of = {client_id: relations.get(client_id, by_role) for client_id in ids}
    record_event_for_each(by=by, action=action, subject=subject, clients=relation_of)


def client(*, client: Person, by: Person) -> None:
    """Note an opened page about a client."""
    record_event(by=by, action="client.read", subject=client, client_id=client.pk)


def form(*, engagement: Engagement, by: Person) -> None:
    """Note an opened form about a client, which shows earlier answers."""
    record_event(by=by, action="form.read", subject=engagement, client_id=engagement.client_id)


def sign_in(*, client: Person, by: Person) -> None:
    """Note that the sign-in state of a client was viewed."""
    record_event(by=by, action="sign_in.read", subject=client, client_id=client.pk)


def person(*, person: Person, by: Person) -> None:
    """Note an opened administrative page; for a client, in their record."""
    client_id = person.pk if person.is_client else None
    record_event(by=by, action="person.read", subject=person, client_id=client_id)


def agreements(*, client: Person, by: Person) -> None:
    record_event(by=by, action="agreements.read", subject=client, client_id=client.pk)


def own_answers(*, client: Person, taken_away: bool, by: Person) -> None:
    """Note that clients viewed or downloaded their own answers."""
    action = "own_answers.take_away" if taken_away else "own_answers.read"
    record_event(by=by, action=action, subject=client, client_id=client.pk)
