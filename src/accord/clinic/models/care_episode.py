"""One episode of care: a client's treatment here from its start to its end.

What was entered stays. The end is written once; anything else is corrected by a successor that names the
episode it takes the place of.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.fact import FactIsFixed
from accord.clinic.models.record_path import RecordPath
from accord.clinic.models.row import Row
from accord.clinic.models.span import current_span


class CareEpisode(Row):
    record_path = RecordPath(client="client")

    class Method(models.TextChoices):
        DBT = "dbt", _("DBT")
        MBT = "mbt", _("MBT")
        SCHEMA = "schema", _("schema therapy")
        GPM = "gpm", _("GPM")
        OTHER = "other", _("another method")

    class EndReason(models.TextChoices):
        COMPLETED = "completed", _("completed as planned")
        LEFT = "left", _("the client left")
        AGREED = "agreed", _("ended early, agreed on by both")
        TRANSFER = "transfer", _("went on elsewhere")
        HOSPITAL = "hospital", _("hospital")
        DISCHARGED = "discharged", _("discharged by the team")
        DIED = "died", _("the client died")

    NOT_NAMED = "not named"  # words for the method of an imported episode whose file names no arm
    WRITTEN_ONCE = frozenset({"until", "end_reason", "replaced_at", "batch"})

    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="care_episodes")
    since = models.DateField()
    method = models.CharField(max_length=10, choices=Method.choices)
    method_words = models.CharField(max_length=100, blank=True)  # another method, or the arm, in own words
    planned_end = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)  # day of the last contact that took place
    end_reason = models.CharField(max_length=20, choices=EndReason.choices, blank=True)
    predecessor = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="successor"
    )
    replaced_at = models.DateTimeField(null=True, blank=True)  # a successor takes its place
    made_at = models.DateTimeField()
    # The import that brought it; empty once somebody here has ended it, which makes it the record's own.
    batch = models.ForeignKey(
        "clinic.ImportBatch", null=True, blank=True, on_delete=models.PROTECT, related_name="care_episodes"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "client",
                condition=Q(until__isnull=True, replaced_at__isnull=True),
                name="care_episode_open_once",
            ),
            current_span("care_episode_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(planned_end__isnull=True) | Q(planned_end__gte=F("since")),
                name="care_episode_is_planned_to_end_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True, end_reason="") | Q(until__isnull=False) & ~Q(end_reason=""),
                name="care_episode_ends_with_its_reason",
            ),
            models.CheckConstraint(
                condition=~Q(method="other") | ~Q(method_words=""),
                name="care_episode_says_which_other_method",
            ),
        ]

    def __str__(self) -> str:
        return self.method_words or self.get_method_display()

    def save(self, *args: Any, **kwargs: Any) -> None:
        changed = set(kwargs.get("update_fields") or ["everything"])
        if not self._state.adding and not changed <= self.WRITTEN_ONCE:
            raise FactIsFixed("an episode of care is corrected by a successor")
        super().save(*args, **kwargs)
