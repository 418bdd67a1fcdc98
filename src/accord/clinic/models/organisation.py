"""The organisation that runs the site. Everything else belongs to one."""

from __future__ import annotations

import uuid

from django.db import models


class Organisation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name
