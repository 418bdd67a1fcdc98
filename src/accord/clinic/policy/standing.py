"""Roles, led groups and open emergencies of a member of staff today, read once while a page is looked at."""

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
class Standing:
    """What the roles of a member of staff bring today, and in which teams; the groups they lead; the clients
    whose record they opened in an emergency that still lasts."""

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


_kept: ContextVar[dict[tuple[Any, ...], Any] | None] = ContextVar("kept", default=None)


@contextmanager
def kept() -> Iterator[None]:
    """Until the end of this block each person's standing and direct relations are looked up once.

    For one look at a page alone: an act asks anew within its own transaction, and so does the next look.
    """
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once_a_look(look_up: Callable[[Person, date], T], person: Person, today: date) -> T:
    """What `look_up` returns for a person; asked again within the same look, what it returned before."""
    known = _kept.get()
    if known is None:
        return look_up(person, today)
    key = look_up, person.pk, today
    if key not in known:
        known[key] = look_up(person, today)
    answer: T = known[key]
    return answer


def standing_of(person: Person, today: date) -> Standing:
    """The standing of a person today; it is empty without a role that goes on, as for every client."""
    return once_a_look(_looked_up, person, today)


def _looked_up(person: Person, today: date) -> Standing:
    teams: dict[Role, set[UUID]] = {}
    others: dict[str, set[UUID]] = {"leads": set(), "emergency": set()}
    for kind, word, what in _rows(person, today):
        (teams.setdefault(Role(word), set()) if kind == "role" else others[kind]).add(what)
    return Standing(
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
