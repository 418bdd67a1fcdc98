"""Lane of the timeline: contacts about which there is more to say than that they took place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from accord.clinic.facts.shown_relationships import ShownRelationships
from accord.clinic.monitoring.contact_views import ContactView, contacts_of
from accord.figures.mark_lane import Mark, MarkLane


def contacts(shown: ShownRelationships) -> Mapping[UUID, MarkLane]:
    """Relationship -> a mark for each contact that was missed, hard or not reported on, oldest first."""
    return {relationship: MarkLane(_marks(views)) for relationship, views in shown.once(contacts_of).items()}


def _marks(views: Sequence[ContactView]) -> list[Mark]:
    return [Mark(view.session, view.words, view.day) for view in reversed(views) if not view.unremarkable]
