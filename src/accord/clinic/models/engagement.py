"""The relationship: one client with one clinician, or with one group and its leaders."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.record_path import RecordPath
from accord.clinic.models.row import Row
from accord.clinic.models.span import current_span


class Engagement(Row):
    record_path = RecordPath(engagement="pk")

    class Role(models.TextChoices):
        INDIVIDUAL = "individual", _("individual therapy")
        GROUP = "group", _("group")
        PSYCHIATRY = "psychiatry", _("psychiatry")
        MILIEU = "milieu", _("milieu")
        PEER = "peer", _("peer work")
        OTHER = "other", _("other")

    class WhyEnded(models.TextChoices):
        CLIENTS_WISH = "clients_wish", _("the client's wish")
        CLINICIAN_LEFT = "clinician_left", _("the clinician left")
        CHANGE_AGREED = "change_agreed", _("a change that was agreed on")
        STEP_DOWN = "step_down", _("step-down to less treatment")
        TREATMENT_ENDED = "treatment_ended", _("the treatment ended")

    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="engagements")
    clinician = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="caseload")
    team = models.ForeignKey("clinic.Team", on_delete=models.PROTECT, related_name="engagements")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.INDIVIDUAL)
    # Of role group: the group it belongs to, and `clinician` is the leader who answers for it.
    group = models.ForeignKey(
        "clinic.Group", null=True, blank=True, on_delete=models.PROTECT, related_name="engagements"
    )
    since = models.DateField()
    until = models.DateField(null=True, blank=True)  # last day
    why_ended = models.CharField(max_length=20, choices=WhyEnded.choices, blank=True)  # empty: not given
    # The relationship whose client came over from another clinician. A change of clinician is context for
    # readers of the course: the new one begins as a course of its own.
    took_over_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="taken_over_by"
    )
    batch = models.ForeignKey(
        "clinic.ImportBatch", null=True, blank=True, on_delete=models.PROTECT, related_name="engagements"
    )
    # Counts the changes of this relationship's standing facts. An assessment carries the revision it saw;
    # a relationship whose newest assessment carries another one is "not yet assessed".
    revision = models.PositiveIntegerField(default=0)
    # The first session among those changes since the newest assessment; empty: none, or not known.
    changed_from = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "client",
                "clinician",
                "role",
                "since",
                condition=models.Q(group__isnull=True),
                name="engagement_once",
            ),
            models.UniqueConstraint(
                "client", "clinician", "group", "since", name="engagement_with_a_group_once"
            ),
            models.CheckConstraint(
                condition=models.Q(group__isnull=True) | models.Q(role="group"),
                name="engagement_with_a_group_has_its_role",
            ),
            models.CheckConstraint(
                condition=~models.Q(client=models.F("clinician")), name="engagement_of_two_people"
            ),
            current_span("engagement_ends_after_it_begins"),
            models.CheckConstraint(
                condition=models.Q(why_ended="") | models.Q(until__isnull=False),
                name="engagement_that_goes_on_has_no_reason_for_its_end",
            ),
            models.CheckConstraint(
                condition=models.Q(took_over_from__isnull=True) | ~models.Q(took_over_from=models.F("id")),
                name="engagement_takes_over_from_another",
            ),
        ]
        indexes = [models.Index(fields=["clinician", "until"]), models.Index(fields=["team", "until"])]
