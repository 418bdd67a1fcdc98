"""The relationship: one client with one clinician."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.row import Row
from accord.clinic.models.span import current_span


class Engagement(Row):
    class Role(models.TextChoices):
        INDIVIDUAL = "individual", _("individual therapy")
        GROUP = "group", _("group")
        PSYCHIATRY = "psychiatry", _("psychiatry")
        OTHER = "other", _("other")

    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="engagements")
    clinician = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="caseload")
    team = models.ForeignKey("clinic.Team", on_delete=models.PROTECT, related_name="engagements")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.INDIVIDUAL)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)  # last day
    batch = models.ForeignKey(
        "clinic.ImportBatch", null=True, blank=True, on_delete=models.PROTECT, related_name="engagements"
    )
    # Counts the changes of this relationship's standing facts. An assessment carries the revision it saw;
    # a relationship whose newest assessment carries another one is "not yet assessed".
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint("client", "clinician", "role", "since", name="engagement_once"),
            models.CheckConstraint(
                condition=~models.Q(client=models.F("clinician")), name="engagement_of_two_people"
            ),
            current_span("engagement_ends_after_it_begins"),
        ]
        indexes = [models.Index(fields=["clinician", "until"]), models.Index(fields=["team", "until"])]
