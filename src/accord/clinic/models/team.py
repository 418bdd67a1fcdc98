"""A team of clinicians with its supervisors."""

from __future__ import annotations

from django.db import models

from accord.clinic.models.record_path import RecordPath
from accord.clinic.models.row import Row


class Team(Row):
    record_path = RecordPath()

    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint("organisation", "name", name="team_name_once")]

    def __str__(self) -> str:
        return self.name
