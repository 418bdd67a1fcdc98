"""Acts on the page about a client: first those that wait for an answer, then the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accord.clinic.facts.events import acts_of
from accord.clinic.models import Person
from accord.clinic.monitoring.acts import WaitingAct, event_key, waiting_acts
from accord.clinic.policy import Action, can


@dataclass(frozen=True)
class RecordedAct:
    """Self-injury or an attempt, with what was done about it, in words."""

    day: date
    said: str
    source: str
    responses: tuple[str, ...]


@dataclass(frozen=True)
class ActsShown:
    """`waiting`: acts and safety answers that nobody has answered. `recorded`: other acts, newest first."""

    waiting: tuple[WaitingAct, ...]
    recorded: tuple[RecordedAct, ...]
    can_respond: bool

    def __bool__(self) -> bool:
        return bool(self.waiting or self.recorded)


def acts_shown(viewer: Person, client: Person, responses: Mapping[UUID, tuple[str, ...]]) -> ActsShown:
    """`responses`: what was done about each act, by its id."""
    waiting = waiting_acts(viewer, client).get(client.pk, ())
    keys = {key for act in waiting for key in act.keys}
    recorded = tuple(
        RecordedAct(act.day, act.said, act.source, responses.get(act.id, ()))
        for act in acts_of(client, viewer)
        if event_key(act.id) not in keys
    )
    return ActsShown(waiting, recorded, can(viewer, Action.ANSWER_ACTS, client))
