"""Consents: uses of a client's answers. Each yes and no is kept; the newest counts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.fact import Fact, index_of_replaced
from accord.clinic.models.record_path import RecordPath


class Consent(Fact):
    record_path = RecordPath(client="client")

    class Purpose(models.TextChoices):
        NOTICING = "noticing", _("ratings, missed and late forms are used to notice strain")
        LEAVING = "leaving", _("they are used to estimate whether somebody may leave treatment early")
        RESEARCH = "research", _("they are used for research, without name or exact dates")

    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    allowed = models.BooleanField()
    at = models.DateTimeField()
    noted_by = models.ForeignKey(  # who wrote down what the client said; null: the client's own act
        "clinic.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [index_of_replaced("consent_replaced")]
        constraints = [
            # With one successor at most for each row, there is always exactly one newest.
            models.UniqueConstraint(
                "client", "purpose", condition=Q(predecessor__isnull=True), name="consent_begins_once"
            ),
        ]
