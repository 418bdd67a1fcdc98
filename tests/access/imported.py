"""What an import keeps besides ratings, and an act with a response to it: one of each about a client."""

from __future__ import annotations

import json
from uuid import UUID

from django.utils import timezone

from accord.clinic.models import (
    ConfirmedCode,
    Event,
    ImportBatch,
    LeftOutAnswer,
    Person,
    PersonCheck,
    SealedText,
)
from accord.clinic.monitoring import acts
from tests.support.world import days_ago

ROW, CHECK = "CANARY row of {}", "CANARY check of {}"  # sealed, with the name of the client


def import_batch(lead: Person) -> ImportBatch:
    return ImportBatch.objects.create(
        organisation=lead.organisation, by=lead, filename="CANARY-IMPORT.csv", sha256="0" * 64,
        confirmed_not_real=True, created_at=timezone.now(), rows=0, relationships=0,
    )  # fmt: skip


def keep_about(client: Person, clinician: Person, batch: ImportBatch, line: int) -> UUID:
    """Rows about a client in this import. Returns the answer that still waits for somebody to respond."""
    common = {"organisation": batch.organisation, "batch": batch}
    ConfirmedCode.objects.create(**common, kind="client", code=f"CANARY-CODE-{line}", person=client)
    check = PersonCheck.objects.create(**common, person=client, made_at=batch.created_at)
    SealedText.about(check, PersonCheck.CHECK, CHECK.format(client.name)).save()
    kept = LeftOutAnswer.objects.create(
        **common, line=line, client=client, instrument="Patient Health Questionnaire, nine items", item=9,
        read_by=batch.by, read_on=days_ago(0),
    )  # fmt: skip
    content = {"client": client.code, "day": "", "answer": "3", "row": ROW.format(client.name)}
    SealedText.about(kept, LeftOutAnswer.ROW, json.dumps(content)).save()
    _answered_act(client, clinician)
    return kept.pk


def _answered_act(client: Person, clinician: Person) -> None:
    event = Event.objects.create(
        organisation=client.organisation, client=client, day=days_ago(2), kind="self-injury", count=1,
        made_at=timezone.now(),
    )  # fmt: skip
    acts.respond(client=client, shown=[acts.event_key(event.pk)], done="team", by=clinician)
