"""Each empty cell of the policy's tables, filled for a while."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from accord.clinic.policy import table
from accord.clinic.policy.nouns import NOUNS
from accord.clinic.policy.table import BROUGHT_BY, TABLE, Action, Relation, Role

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
    possible = [one for one in Relation if one is not Relation.AUTHOR or _some_have_authors()]
    actions = [Widening(action, one) for action in Action for one in possible if one not in TABLE[action]]
    roles = [
        Widening(role, one)
        for role in Role
        for one in possible
        if one not in BROUGHT_BY[role] and one not in OF_CLIENTS
    ]
    links = [Widening(action, None) for action in Action if _means_something_by_link(action)]
    return [*actions, *roles, *links]


def _some_have_authors() -> bool:
    return any(noun.author for noun in NOUNS.values())


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
        "MutableMapping[Any, frozenset[Relation]]", TABLE if isinstance(one.row, Action) else BROUGHT_BY
    )
    held = rows[one.row]
    rows[one.row] = held | {one.relation}
    try:
        yield
    finally:
        rows[one.row] = held
