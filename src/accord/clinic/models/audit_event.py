"""Audit events: actor, action, record and time; names of fields, never values; no link to another row."""

from __future__ import annotations

import uuid

from django.db import models

from accord.clinic.models.fact import AppendOnly
from accord.clinic.models.record_path import RecordPath


class AuditEvent(AppendOnly):
    """One event of an organisation's chain. A column added later must allow NULL: see `audit.chain`."""

    record_path = RecordPath()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation_id = models.UUIDField()
    sequence = models.PositiveBigIntegerField()  # 1, 2, 3 ... within the organisation, without a gap
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)  # person, system or link
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=50)
    relation = models.CharField(max_length=50, null=True)  # noqa: DJ001 (NULL: not by a person, or in nobody's record)
    subject_type = models.CharField(max_length=50)
    subject_id = models.UUIDField(null=True)
    client_id = models.UUIDField(null=True)
    fields = models.JSONField(default=list)
    previous = models.CharField(max_length=64)  # digest of the event before
    digest = models.CharField(max_length=64)  # of every other column

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "sequence"], name="audit_event_sequence_once")
        ]
        indexes = [
            models.Index(fields=["organisation_id", "at"]),
            models.Index(fields=["organisation_id", "client_id", "at"]),
            models.Index(fields=["organisation_id", "actor_id", "at"]),
        ]


class AuditHead(models.Model):
    """Head of an organisation's chain: its newest event. To add an event, lock this row first."""

    record_path = RecordPath()

    organisation_id = models.UUIDField(primary_key=True)
    sequence = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
