"""The base of all rows: a UUID and the organisation it belongs to."""

from __future__ import annotations

import uuid

from django.db import models


class Row(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey("clinic.Organisation", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
