"""One row for each person: in the first of the lists that they are in, with a note of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class OfList:
    """A list of the worklist, and what a row of it says in a few words beside another row of the person."""

    rows: Sequence[Any]  # each with a `client_id`
    note: Callable[[Any], str]


def one_row_each(lists: Sequence[OfList]) -> tuple[list[list[Any]], dict[UUID, tuple[str, ...]]]:
    """The rows that stay in each list, and client -> notes of the others, in the order of the lists."""
    kept: list[list[Any]] = []
    notes: dict[UUID, list[str]] = {}
    for listed in lists:
        kept.append([])
        for row in listed.rows:
            if row.client_id in notes:
                notes[row.client_id].append(listed.note(row))
            else:
                notes[row.client_id] = []
                kept[-1].append(row)
    return kept, {client: tuple(dict.fromkeys(said)) for client, said in notes.items()}
