"""The roles of a member of staff today; while a page is looked at they are asked of the database once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accord.clinic.models import Person
from accord.clinic.policy import table
from accord.clinic.policy.relation_queries import roles
from accord.clinic.policy.table import Relation, Role


@dataclass(frozen=True)
class Standing:
    """What the roles of a member of staff bring today, and in which teams."""

    person: UUID
    today: date
    teams: Mapping[Role, frozenset[UUID]]

    @property
    def granted(self) -> frozenset[Relation]:
        return frozenset(relation for role in self.teams for relation in table.GRANTED_BY_ROLE[role])

    def teams_granting(self, *relations: Relation) -> frozenset[UUID]:
        """The teams in which a role can bring one of these relations."""
        granting = table.roles_granting(*relations)
        return frozenset(team for role, teams in self.teams.items() if role in granting for team in teams)


Kept = dict[tuple[UUID, date], Standing]
_kept: ContextVar[Kept | None] = ContextVar("kept", default=None)


@contextmanager
def kept() -> Iterator[None]:
    """Until the end of this block each person's roles are looked up once.

    For one look at a page alone: an act asks anew within its own transaction, and so does the next look.
    """
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def standing_of(person: Person, today: date) -> Standing:
    """Nobody stands anywhere without a role that goes on today; a client has none."""
    known = _kept.get()
    if known is None:
        return _looked_up(person, today)
    key = person.pk, today
    if key not in known:
        known[key] = _looked_up(person, today)
    return known[key]


def _looked_up(person: Person, today: date) -> Standing:
    teams: dict[Role, set[UUID]] = {}
    for role, team in roles(person, today).values_list("role", "team"):
        teams.setdefault(Role(role), set()).add(team)
    return Standing(person.pk, today, {role: frozenset(ids) for role, ids in teams.items()})
