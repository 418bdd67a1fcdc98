"""All relationships of clients as plain values, and how a person is related to each of them today.

Each relation could be a query of its own; Django takes longer to write those than a database to answer them.
A generated test compares the two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from django.db.models import Q

from accord.clinic.models import Engagement
from accord.clinic.policy.relation_queries import not_undone
from accord.clinic.policy.staff_roles import StaffRoles
from accord.clinic.policy.table import NO_RELATION, Relation

COLUMNS = ("organisation", "client", "pk", "clinician", "team", "group", "role", "since", "until")


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship of a client."""

    organisation: UUID
    client: UUID
    pk: UUID
    clinician: UUID
    team: UUID
    group: UUID | None
    role: str
    since: date
    until: date | None

    def goes_on(self, today: date) -> bool:
        return self.since <= today and (self.until is None or self.until >= today)


def relations_by_client(
    staff: StaffRoles, which: Q, asked: Collection[Relation]
) -> Iterator[tuple[UUID, Mapping[UUID, frozenset[Relation]]]]:
    """Each client of the relationships `which`, with relationship -> relations, among those `asked`."""
    wanted = frozenset(asked) & staff.granted
    if not wanted:
        return
    for client, group in groupby(_relationships(which), key=lambda row: row.client):
        of_client = tuple(row for row in group if row.organisation == staff.organisation)
        yield client, {row.pk: _relations(staff, row, of_client) & wanted for row in of_client}


def _relationships(which: Q) -> Iterator[Relationship]:
    """Relationships of these clients, each client's together; none of an undone import.

    Not narrowed to an organisation: a database that began there would read all of it.
    """
    rows = Engagement.objects.filter(not_undone(), which).order_by("client", "pk")
    return (Relationship(*row) for row in rows.values_list(*COLUMNS))


def _relations(
    staff: StaffRoles, row: Relationship, of_client: Sequence[Relationship]
) -> frozenset[Relation]:
    """Relations to one relationship; those of `NO_RELATION` only without a direct one."""
    granted = staff.granted
    direct = granted.intersection(_direct(staff, row, of_client))
    return direct or granted.intersection(_distant(staff, of_client))


def _is_own(staff: StaffRoles, row: Relationship) -> bool:
    return row.goes_on(staff.today) and (row.clinician == staff.person or row.group in staff.leads)


def _direct(staff: StaffRoles, row: Relationship, of_client: Sequence[Relationship]) -> Iterator[Relation]:
    if _is_own(staff, row):
        yield from _as_own(staff, row)
    elif any(_is_treatment(staff, other) for other in of_client):
        yield Relation.SHARES
    if row.client in staff.emergencies:
        yield Relation.BREAK_GLASS
    if row.team in staff.teams_granting(Relation.SUPERVISES) & _treating(of_client, staff.today):
        yield Relation.SUPERVISES


def _is_treatment(staff: StaffRoles, row: Relationship) -> bool:
    return _is_own(staff, row) and row.role != Engagement.Role.PEER


def _as_own(staff: StaffRoles, row: Relationship) -> Iterator[Relation]:
    """As a clinician; as a peer worker where that is the role, or where no clinical role is held."""
    as_peer = row.role == Engagement.Role.PEER
    if not as_peer:
        yield Relation.ENGAGED
    if as_peer or Relation.ENGAGED not in staff.granted:
        yield Relation.PEER


def _treating(of_client: Iterable[Relationship], today: date) -> frozenset[UUID]:
    """The teams that treat the client today."""
    return frozenset(row.team for row in of_client if row.goes_on(today))


def _distant(staff: StaffRoles, of_client: Sequence[Relationship]) -> Iterator[Relation]:
    here = _treating(of_client, staff.today) & staff.teams_granting(*NO_RELATION)
    yield Relation.SAME_TEAM if here else Relation.OTHER_TEAM
    if any(_was_own(staff, row) for row in of_client):
        yield Relation.FORMER


def _was_own(staff: StaffRoles, row: Relationship) -> bool:
    return row.clinician == staff.person and row.until is not None and row.until < staff.today
