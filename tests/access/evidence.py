"""What the access tests look for: words and ids that must not get out, and whether a table is written to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

from accord.clinic.models import Account, Engagement, ImportBatch, Person, Team
from accord.clinic.models.record_path import RecordPath
from accord.clinic.policy.record_path import record_path_of

# Written by looking alone: that somebody asked, and the sign-in itself.
WRITING = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
WRITTEN_BY_LOOKING = re.compile(r"^(clinic_audit\w*|django_session|clinic_cache|usersessions_\w+)$")


def canaries(people: Mapping[str, Any]) -> dict[str, set[str]]:
    """Owner, such as ana or ana/lind -> every name, code and id that tells of them.

    Found through the record path of each model, so a new one is looked for as soon as it is in the record.
    """
    everybody = {person.pk: (name, person) for name, person in people.items() if isinstance(person, Person)}
    names = {pk: name for pk, (name, _) in everybody.items()}
    clients = {pk: name for pk, (name, person) in everybody.items() if person.is_client}
    found: dict[str, set[str]] = {}
    for model in apps.get_app_config("clinic").get_models():
        path = record_path_of(model)
        if path.client or path.engagement:
            for row in model._default_manager.all():
                owner = _owner(path, row, clients, names)
                if owner:
                    found.setdefault(owner, set()).update(_told(row))
    here = everybody[next(iter(clients))][1].organisation_id
    for batch in ImportBatch.objects.all():
        is_here = batch.organisation_id == here
        found.setdefault("imports" if is_here else "far imports", set()).update(_ids(batch))
    # Names and codes of the teams and the staff of both programmes are the same.
    far = (Team.objects.exclude(organisation=here), Person.objects.exclude(organisation=here))
    for row in chain(far[0], far[1].filter(kind=Person.Kind.STAFF)):
        found.setdefault("far programme", set()).update(_ids(row))
    return found


def _owner(path: RecordPath, row: Model, clients: Mapping[Any, str], names: Mapping[Any, str]) -> str:
    if path.author:
        return f"{names.get(path.author_of(row), 'somebody')}'s own"
    client = clients.get(path.client_of(row), "")
    if not client or not path.engagement:
        return client
    engagement = Engagement.objects.get(**path.of(row))
    return f"{client}/{names.get(engagement.clinician_id, 'somebody')}"


def _told(row: Model) -> set[str]:
    if not isinstance(row, Person):
        return _ids(row)
    account = Account.objects.filter(person=row).first()
    return {row.name, row.code, *_ids(row), *([account.email] if account else [])}


def _ids(row: Model) -> set[str]:
    return {str(row.pk), row.pk.hex}


def leaks(text: str, asked: str, canaries: Mapping[str, set[str]], may_see: Any) -> list[str]:
    """What is told in `text` of those who must not be seen; an id that was asked with tells nothing new."""
    return [
        f"tells of {owner}: {canary}"
        for owner, told in canaries.items()
        if not may_see(owner)
        for canary in told
        if canary in text and canary not in asked
    ]


@contextmanager
def writes() -> Iterator[set[str]]:
    """The tables that something inside writes to, except those that looking alone writes to."""
    found: set[str] = set()

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        told = WRITING.match(sql)
        if told and not WRITTEN_BY_LOOKING.match(told[1]):
            found.add(told[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield found
