"""Who works in which team, as what, from when to when."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.record_path import RecordPath
from accord.clinic.models.row import Row
from accord.clinic.models.span import current_span


class Membership(Row):
    record_path = RecordPath()

    class Role(models.TextChoices):
        THERAPIST = "therapist", _("individual therapist")
        SKILLS = "skills", _("skills trainer")
        PSYCHIATRIST = "psychiatrist", _("psychiatrist")
        MILIEU = "milieu", _("milieu worker")
        PEER = "peer", _("peer worker")
        SUPERVISOR = "supervisor", _("supervisor")
        LEAD = "lead", _("programme lead")
        RESEARCHER = "researcher", _("researcher")
        ADMINISTRATOR = "administrator", _("administrator")
        AUDITOR = "auditor", _("auditor")

    person = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey("clinic.Team", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)  # last day

    class Meta:
        constraints = [
            models.UniqueConstraint("person", "team", "role", "since", name="membership_once"),
            current_span("membership_ends_after_it_begins"),
        ]
