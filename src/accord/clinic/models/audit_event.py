"""Who did what to whose record, and when: names of fields, never values, and no link to another row."""

from __future__ import annotations

import uuid

from django.db import models

from accord.clinic.models.fact import AppendOnly


class AuditEvent(AppendOnly):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation_id = models.UUIDField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)  # person, system or link
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=50)
    subject_type = models.CharField(max_length=50)
    subject_id = models.UUIDField(null=True)
    client_id = models.UUIDField(null=True)
    fields = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "at"]),
            models.Index(fields=["organisation_id", "client_id", "at"]),
        ]
