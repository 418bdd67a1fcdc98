"""Roles, led groups and open emergencies of a member of staff today, read once for a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import CharField, F, Value

from accord.clinic.models import GroupLeader, Person
from accord.clinic.models.span import going_on
from accord.clinic.policy import table
from accord.clinic.policy.relation_queries import opened_in_emergency, roles
from accord.clinic.policy.table import Relation, Role

COLUMNS = ("kind", "word", "what")
T = TypeVar("T")


@dataclass(frozen=True)
class StaffRoles:
    """Today's roles of a member of staff, by team; the groups they lead; the clients whose record they opened
    in an emergency that still lasts."""

    person: UUID
    organisation: UUID
    today: date
    teams: Mapping[Role, frozenset[UUID]]
    leads: frozenset[UUID]
    emergencies: frozenset[UUID]

    @property
    def granted(self) -> frozenset[Relation]:
        return frozenset(relation for role in self.teams for relation in table.GRANTED_BY_ROLE[role])

    def teams_granting(self, *relations: Relation) -> frozenset[UUID]:
        """The teams in which a role can bring one of these relations."""
        granting = table.roles_granting(*relations)
        return frozenset(team for role, teams in self.teams.items() if role in granting for team in teams)


_results: ContextVar[dict[tuple[Any, ...], Any] | None] = ContextVar("results", default=None)


@contextmanager
def policy_read_once() -> Iterator[None]:
    """Until the end of this block each person's roles and direct relations are read once.

    For the request of one page alone: an act reads them anew within its own transaction, and so does the next
    request.
    """
    token = _results.set({})
    try:
        yield
    finally:
        _results.reset(token)


def read_once(read: Callable[[Person, date], T], person: Person, today: date) -> T:
    """What `read` returns for a person; within `policy_read_once` it is called once for them."""
    results = _results.get()
    if results is None:
        return read(person, today)
    key = read, person.pk, today
    if key not in results:
        results[key] = read(person, today)
    result: T = results[key]
    return result


def staff_roles_of(person: Person, today: date) -> StaffRoles:
    """The roles of a person today; empty without one that goes on, as for every client."""
    return read_once(_read_roles, person, today)


def _read_roles(person: Person, today: date) -> StaffRoles:
    teams: dict[Role, set[UUID]] = {}
    others: dict[str, set[UUID]] = {"leads": set(), "emergency": set()}
    for kind, word, what in _rows(person, today):
        (teams.setdefault(Role(word), set()) if kind == "role" else others[kind]).add(what)
    return StaffRoles(
        person=person.pk,
        organisation=person.organisation_id,
        today=today,
        teams={role: frozenset(ids) for role, ids in teams.items()},
        leads=frozenset(others["leads"]),
        emergencies=frozenset(others["emergency"]),
    )


def _rows(person: Person, today: date) -> Iterator[tuple[str, str, UUID]]:
    """Roles with their teams, groups that are led, and clients of emergencies, in one statement."""
    leading = GroupLeader.objects.filter(going_on(today), person=person)
    of_roles = roles(person, today).annotate(kind=_text("role"), word=F("role"), what=F("team"))
    of_groups = leading.annotate(kind=_text("leads"), word=_text(""), what=F("group"))
    opened = opened_in_emergency(person).annotate(kind=_text("emergency"), word=_text(""), what=F("client"))
    yield from of_roles.values_list(*COLUMNS).union(
        of_groups.values_list(*COLUMNS), opened.values_list(*COLUMNS)
    )


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())
