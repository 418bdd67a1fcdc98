"""Who is in treatment with whom: clients, clinicians with role and team, relationships."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.simulator.parameters import Role, Schedule


@dataclass(frozen=True, slots=True)
class Staff:
    """A clinician, or a group with its leader."""

    id: str
    role: str
    team: str


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Relationships ordered by client and clinician; codes are positions in the tuples beside them."""

    clients: tuple[str, ...]
    staff: tuple[Staff, ...]
    client: NDArray[np.int32]  # (relationships,)
    clinician: NDArray[np.int32]
    role: NDArray[np.int8]  # position in Schedule.roles

    def __len__(self) -> int:
        return len(self.client)

    @property
    def primary(self) -> NDArray[np.int64]:
        """Positions of the relationships of the first role: exactly one per client, in the clients' order."""
        return np.flatnonzero(self.role == 0)


def lay_out(schedule: Schedule, clients: int, rng: np.random.Generator) -> Layout:
    """Spread clients evenly over teams and, within a team, over each role's clinicians."""
    teams = max(schedule.teams, round(clients / schedule.clients_per_team))
    per_team = [_clinicians_per_team(role, clients / teams) for role in schedule.roles]
    before = np.concatenate(([0], np.cumsum(per_team)))
    everyone = np.arange(clients)
    parts = []
    for position, role in enumerate(schedule.roles):
        member = everyone[rng.random(clients) < role.share]
        place = (member // teams) % per_team[position]
        clinician = (member % teams) * before[-1] + before[position] + place
        parts.append((member, clinician, np.full(len(member), position)))
    client, clinician, role_codes = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((clinician, client))
    return Layout(
        clients=_names("C", clients, 3),
        staff=_staff(schedule.roles, per_team, teams),
        client=client[order].astype(np.int32),
        clinician=clinician[order].astype(np.int32),
        role=role_codes[order].astype(np.int8),
    )


def _clinicians_per_team(role: Role, clients: float) -> int:
    return max(1, round(clients * role.share / role.clients_each))


def _staff(roles: tuple[Role, ...], per_team: list[int], teams: int) -> tuple[Staff, ...]:
    names = iter(_names("T", teams * sum(per_team), 2))
    return tuple(
        Staff(next(names), role.name, f"Team {team + 1}")
        for team in range(teams)
        for role, count in zip(roles, per_team, strict=True)
        for _ in range(count)
    )


def _names(letter: str, count: int, least: int) -> tuple[str, ...]:
    """Ids of equal length, so that their order as text is their order as numbers."""
    width = max(least, len(str(count)))
    return tuple(f"{letter}{n:0{width}d}" for n in range(1, count + 1))
