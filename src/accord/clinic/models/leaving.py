"""Dropout: learned models, each client's estimate, and responses to it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.fact import Fact, index_of_replaced
from accord.clinic.models.flag import Response
from accord.clinic.models.record_path import RecordPath


class LeavingModel(Fact):
    """One version: a model with the report on it, or why there can be none; the newest counts."""

    record_path = RecordPath()

    class Refused(models.TextChoices):
        FEW_LEAVERS = "few_leavers", _("too few people have left")
        UNSURE = "unsure", _("its chances would be too unsure")
        NO_BETTER = "no_better", _("it tells nobody apart")
        NO_FIT = "no_fit", _("no model could be fitted")
        LEAK = "leak", _("something it rests on knows the future")

    refused = models.CharField(max_length=20, choices=Refused.choices, blank=True)
    values = models.JSONField(default=dict)
    report = models.JSONField(default=dict)  # figures of the model, or what there is and what it would need
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "-made_at"])]


class LeavingEstimate(Fact):
    """A client's estimate as of the last contact they attended; the one without a successor counts."""

    record_path = RecordPath(client="client")

    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="leaving_estimates")
    model = models.ForeignKey(LeavingModel, null=True, on_delete=models.PROTECT, related_name="estimates")
    day = models.DateField()
    missed = models.PositiveSmallIntegerField()  # scheduled contacts in a row since then
    chance = models.FloatField(null=True)  # of leaving within the horizon; null: none is given
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    reasons = models.JSONField(default=list)
    listed = models.BooleanField(default=False)  # above the model's threshold: it is on the worklist
    made_at = models.DateTimeField()

    class Meta:
        indexes = [index_of_replaced("leaving_estimate_replaced")]
        constraints = [
            models.UniqueConstraint(
                "client", condition=Q(predecessor__isnull=True), name="leaving_estimate_begins_once"
            ),
            models.CheckConstraint(
                condition=Q(chance__isnull=True) | Q(model__isnull=False, missed=0),
                name="leaving_estimate_of_a_model_and_of_nobody_in_a_run",
            ),
        ]


class ReachedOut(Fact):
    """A clinician's response to a client who may be leaving."""

    record_path = RecordPath(engagement="engagement")

    engagement = models.ForeignKey("clinic.Engagement", on_delete=models.PROTECT, related_name="reached_out")
    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    done = models.CharField(max_length=20, choices=Response.Done.choices)
    day = models.DateField()
    made_at = models.DateTimeField()
