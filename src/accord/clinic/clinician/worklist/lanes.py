"""Lane of the timeline: what was done about flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from accord.clinic.facts.shown_relationships import ShownRelationships
from accord.clinic.models import Flag
from accord.clinic.monitoring.flag_views import flags_of
from accord.figures.mark_lane import Mark, MarkLane


def responses(shown: ShownRelationships) -> Mapping[UUID, MarkLane]:
    """Relationship -> a mark for each response to one of its flags."""
    return {relationship: MarkLane(_marks(flags)) for relationship, flags in shown.once(flags_of).items()}


def _marks(flags: Sequence[Flag]) -> list[Mark]:
    return [
        Mark(flag.session, response.get_done_display(), response.day)
        for flag in flags
        for response in flag.responses.all()
    ]
