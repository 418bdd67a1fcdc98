"""Who does something: a signed-in `Person`, the holder of a check-in link, or the site itself."""

from __future__ import annotations

from dataclasses import dataclass

from accord.clinic.models import Person


@dataclass(frozen=True)
class Link:
    """Somebody who holds a link made for this client. They may fill that form and nothing else."""

    client: Person


@dataclass(frozen=True)
class System:
    """The site's own work: assessing, flagging, setting up."""


SYSTEM = System()
Actor = Person | Link | System


def person_of(actor: Actor) -> Person | None:
    """The person behind an actor, if there is one."""
    if isinstance(actor, Person):
        return actor
    return actor.client if isinstance(actor, Link) else None
