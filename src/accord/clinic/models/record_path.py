"""The way from a row to whom it is about, which each model declares as its `record_path`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model


@dataclass(frozen=True)
class RecordPath:
    """The way from a row to whom it is about, as a query spells it; "pk" is the row itself, "" is no way.

    `engagement`: to the relationship. `client`: to the person, for a row about a client as a whole.
    `author`: to the member of staff whose own it is; `shared`: they may share it with others.
    A row with none of them is the organisation's: only relations that a role brings by itself (lead,
    administrator, researcher) hold to it.
    """

    engagement: str = ""
    client: str = ""
    author: str = ""
    shared: bool = False

    def of(self, row: Model) -> dict[str, Any]:
        """Filters that select the row's `Engagement`s; empty for a row of the organisation."""
        if self.engagement:
            return {"pk": _end(row, self.engagement)}
        return {"client": _end(row, self.client)} if self.client else {}

    def client_of(self, row: Model) -> Any:
        """Id of the client the row is about, or None."""
        if self.engagement == "pk":
            return _end(row, "client")
        if self.engagement:
            return _end(row, f"{self.engagement}__client")
        return _end(row, self.client) if self.client else None

    def author_of(self, row: Model) -> Any:
        """Id of the person whose own the row is, or None."""
        return _end(row, self.author) if self.author else None


def _end(row: Any, way: str) -> Any:
    """The id at the end of a way such as `contact__engagement`."""
    *steps, last = way.split("__")
    for step in steps:
        row = getattr(row, step)
    return getattr(row, "pk" if last == "pk" else f"{last}_id")
