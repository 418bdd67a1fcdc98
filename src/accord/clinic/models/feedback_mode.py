"""Feedback modes: who sees what is computed about a client. Clients can always see their own answers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.fact import Fact, index_of_replaced
from accord.clinic.models.record_path import RecordPath


class FeedbackMode(Fact):
    record_path = RecordPath(client="client")

    class Mode(models.TextChoices):
        NOBODY = "nobody", _("nobody")
        CLINICIAN = "clinician", _("the clinicians only")
        TOGETHER = "together", _("looked at together")
        CLIENT = "client", _("the client sees it too")

    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="feedback_modes")
    mode = models.CharField(max_length=20, choices=Mode.choices)
    at = models.DateTimeField()
    set_by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [index_of_replaced("feedback_mode_replaced")]
        constraints = [
            models.UniqueConstraint(
                "client", condition=Q(predecessor__isnull=True), name="feedback_mode_begins_once"
            ),
        ]
