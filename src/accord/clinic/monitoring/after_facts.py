"""Reactions to changed facts of a relationship: assessment, flags, episodes, and the client's estimate.

It runs as a job that `facts.changed` wakes. Until then the relationship is "not yet assessed".
"""

from __future__ import annotations

from uuid import UUID

from accord.clinic.facts import current as facts
from accord.clinic.models import Engagement
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import announced_absences, assessment, dropout, flags, populations


def after_facts(engagement: Engagement) -> None:
    """The one call after every kind of fact. An assessment that goes wrong does not hold up the estimate."""
    try:
        announced_absences.report_announced(engagement=engagement, by=SYSTEM)
        flags.reassess(engagement=engagement)
    finally:
        dropout.refresh(organisation=engagement.organisation, clients=[engagement.client_id], by=SYSTEM)


def after_facts_of(key: str) -> None:
    """The same, of the relationship with this id."""
    after_facts(Engagement.objects.select_related("organisation", "client").get(pk=UUID(key)))


def waiting() -> list[str]:
    """Ids of the relationships whose rows say that they are to be assessed.

    Relationships in an import wait until values were learned from it, or could not be: flags that stated
    priors raise would not go away when better values come.
    """
    engagements = facts.unassessed(Engagement.objects.all()) | facts.of_other_method(
        assessment.METHOD_VERSION
    )
    for series in populations.not_tried():
        learning = facts.current_checkins().filter(**series.columns()).values("contact__engagement")
        engagements = engagements.exclude(pk__in=learning)
    return [str(pk) for pk in engagements.values_list("pk", flat=True)]
