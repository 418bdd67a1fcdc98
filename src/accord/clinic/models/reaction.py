"""A clinician's own reaction, private to its author. Its words are in `SealedReaction`, under an own ring.

Nothing here is read by a worklist, an export, a figure or a search; a test holds the list of modules that may
know these tables.
"""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from accord.clinic.models.fact import Fact, index_of_replaced
from accord.clinic.models.record_path import RecordPath


class Reaction(Fact):
    record_path = RecordPath(engagement="engagement", author="author", shared=True)

    ANSWERS = "answers"  # the sealed field: answers and note as a whole

    author = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    engagement = models.ForeignKey("clinic.Engagement", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["author", "-made_at"])]

    @property
    def sealed_client(self) -> UUID:
        client_id: UUID = self.engagement.client_id
        return client_id

    @property
    def sealed_owner(self) -> UUID:
        author_id: UUID = self.author_id
        return author_id


class ReactionSharing(Fact):
    """The author's act: open to one person, or to the consultation of one team. Taken back by a successor."""

    record_path = RecordPath(engagement="reaction__engagement", author="reaction__author")

    reaction = models.ForeignKey(Reaction, on_delete=models.PROTECT, related_name="sharings")
    person = models.ForeignKey("clinic.Person", null=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey("clinic.Team", null=True, on_delete=models.PROTECT, related_name="+")
    taken_back = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [index_of_replaced("reaction_sharing_replaced")]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True, team__isnull=False)
                | Q(person__isnull=False, team__isnull=True),
                name="reaction_shared_with_a_person_or_a_team",
            ),
            models.CheckConstraint(
                condition=Q(taken_back=False) | Q(predecessor__isnull=False),
                name="reaction_taken_back_after_sharing",
            ),
        ]
