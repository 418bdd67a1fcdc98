"""The reviewed table of actions against what the policy answers, for everybody and every kind of record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from django.db.models import Model

from accord.clinic.models import Person
from accord.clinic.models.actors import Actor, Link
from accord.clinic.policy import Action, can
from tests.access import tables
from tests.access.programme import Programme


def complaints(
    world: Programme, people: Mapping[str, object], actions: Iterable[Action] = tuple(Action)
) -> Iterator[str]:
    """Every action that is open to somebody it should not be, or closed to somebody it should be open to."""
    told, actors, records = tables.actions(), _actors(world, people), _records(world)
    for action in actions:
        for (kind, about), record in records.items():
            if kind == "reaction" and kind not in told[action.name]:
                continue  # what is done with the relationship it came from stands under relationship
            expected = set(told[action.name].get(kind, {}).get(about, ()))
            found = {name for name, actor in actors.items() if can(actor, action, record)}
            if found != expected:
                yield f"{action.name} of {kind} {about}: {sorted(found)}, expected {sorted(expected)}"


def _actors(world: Programme, people: Mapping[str, object]) -> dict[str, Actor]:
    found: dict[str, Actor] = {"ana_link": Link(world.ana)}
    for name in people:
        person = getattr(world, name, None)
        if isinstance(person, Person):
            found[name] = Person.objects.get(pk=person.pk)
    return found


def _records(world: Programme) -> dict[tuple[str, str], Model]:
    found: dict[tuple[str, str], Model] = {
        ("client", "dora"): world.dora,
        ("client", "eve"): world.eve,
        ("client", "cleo"): world.cleo,
    }
    for about in ("ana", "ben", "far_client"):
        found["client", about] = world.person(about)
        found["relationship", about] = world.engagement(about)
        found["reaction", about] = world.reactions[about]
    found["programme", "ana"], found["programme", "far_client"] = world.organisation, world.far.organisation
    return found
