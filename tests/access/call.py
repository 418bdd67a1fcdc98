"""An action that the access tests call past all pages: what it is about, and whom it is open to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist

from accord.clinic.models import Person
from accord.clinic.policy import Denied
from accord.errors import InputError
from tests.access.programme import Programme
from tests.support.world import World

TRIED = ("ana", "far_client")
REFUSALS = (Denied, ObjectDoesNotExist)
Did = Callable[[Programme, str, Person], object]


@dataclass(frozen=True)
class Call:
    """`acts`: actions of which one must be open to who calls, with the kind of record that it is about.

    `tried`: the records it is called about. Nobody may where the table of actions knows nothing of one.
    """

    acts: tuple[tuple[str, str], ...]
    do: Did
    refusals: tuple[type[Exception], ...] = REFUSALS
    tried: tuple[str, ...] = TRIED


def nobody(do: Did, *refusals: type[Exception], tried: tuple[str, ...] = TRIED) -> Call:
    """What nobody may, whoever they are. `refusals`: what else says no."""
    return Call((), do, (*REFUSALS, *refusals), tried)


def hearing(do: Did) -> Did:
    """What cannot be done as asked: whoever may hears why, and whoever may not is told nothing of it."""

    def told(world: Programme, about: str, by: Person) -> object:
        try:
            return do(world, about, by)
        except InputError as error:
            return error

    return told


def client_of(world: Programme, about: str) -> Person:
    return world.engagement(about).client


def other(world: Programme, about: str) -> World:
    """The programme that is not the one of this record."""
    return world.far if about == "ana" else world
