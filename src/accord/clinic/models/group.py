"""A group that meets: its leaders with their dates. Its members are the relationships that belong to it."""

from __future__ import annotations

from django.db import models

from accord.clinic.models.record_path import RecordPath
from accord.clinic.models.row import Row
from accord.clinic.models.span import current_span


class Group(Row):
    record_path = RecordPath()

    team = models.ForeignKey("clinic.Team", on_delete=models.PROTECT, related_name="groups")
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint("organisation", "name", name="group_name_once")]

    def __str__(self) -> str:
        return self.name


class GroupLeader(Row):
    record_path = RecordPath()

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="leaders")
    person = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="leads_groups")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)  # last day

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "group",
                "person",
                condition=models.Q(until__isnull=True),
                name="group_leader_once_at_a_time",
            ),
            current_span("group_leader_ends_after_the_beginning"),
        ]
