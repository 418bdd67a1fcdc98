"""Each empty cell of the policy's tables, filled for a while."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from accord.clinic.policy import table
from accord.clinic.policy.table import GRANTED_BY_ROLE, OF_THE_PROGRAMME, TABLE, Action, Relation, Role

OF_REACTIONS = {Relation.AUTHOR, Relation.SHARED_WITH}  # whoever treats nobody has written none
OF_CLIENTS = {Relation.OWN, Relation.DISCHARGED}  # no role brings these: they come with being that client


@dataclass(frozen=True)
class Widening:
    """One more relation for an action or a role; `relation` None: one more action for a check-in link."""

    row: Action | Role
    relation: Relation | None

    def __str__(self) -> str:
        if self.relation is None:
            return f"a link opens: {self.row.value}"
        return f"{self.relation.value} also: {self.row.value}"


def widenings() -> list[Widening]:
    """Every cell that is empty and that some record could make a difference for."""
    possible = list(Relation)
    actions = [
        Widening(action, one)
        for action in Action
        for one in possible
        if one not in TABLE[action]
        and _holds_to_some_record(one, action)
        and not _is_theirs_already(one, action)
    ]
    roles = [
        Widening(role, one)
        for role in Role
        for one in _that_open_something()
        if _makes_a_difference(role, one) and one not in GRANTED_BY_ROLE[role] | OF_CLIENTS | OF_REACTIONS
    ]
    links = [Widening(action, None) for action in Action if _means_something_by_link(action)]
    return [*actions, *roles, *links]


def _is_theirs_already(relation: Relation, action: Action) -> bool:
    """Whether every role that brings it may do this with every record alike."""
    roles = [brought for brought in GRANTED_BY_ROLE.values() if relation in brought]
    return bool(roles) and all(brought & OF_THE_PROGRAMME & TABLE[action] for brought in roles)


def _makes_a_difference(role: Role, one: Relation) -> bool:
    """What holds to every record alike adds nothing where the role brings as much in such a way already."""
    alike = GRANTED_BY_ROLE[role] & OF_THE_PROGRAMME
    opened = {action for action in Action if TABLE[action] & alike}
    return one not in OF_THE_PROGRAMME or any(one in TABLE[action] for action in set(Action) - opened)


def _that_open_something() -> list[Relation]:
    """A relation that no action asks for makes no difference to whoever has it."""
    asked = frozenset().union(*TABLE.values())
    return [one for one in Relation if one in asked]


def _holds_to_some_record(relation: Relation, action: Action) -> bool:
    """Authors and those they told stand so to reactions alone, which other actions are not about."""
    return relation not in OF_REACTIONS or not TABLE[action].isdisjoint(OF_REACTIONS)


def _means_something_by_link(action: Action) -> bool:
    """Whoever holds a link stands as its client: what no client may do stays closed by the table itself."""
    return action not in table.BY_LINK and not TABLE[action].isdisjoint(OF_CLIENTS)


@contextmanager
def widened(one: Widening) -> Iterator[None]:
    if one.relation is None:
        before = table.BY_LINK
        table.BY_LINK = before | {cast("Action", one.row)}
        try:
            yield
        finally:
            table.BY_LINK = before
        return
    rows = cast(
        "MutableMapping[Any, frozenset[Relation]]", TABLE if isinstance(one.row, Action) else GRANTED_BY_ROLE
    )
    held = rows[one.row]
    rows[one.row] = held | {one.relation}
    try:
        yield
    finally:
        rows[one.row] = held
