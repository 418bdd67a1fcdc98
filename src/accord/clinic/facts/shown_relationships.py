"""The relationships that a page about a client shows, and what its parts read about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from accord.clinic.models import Engagement

T = TypeVar("T")


@dataclass(frozen=True)
class ShownRelationships:
    """`rows`: the relationships. `hidden`: client -> why nothing computed about them may be shown."""

    rows: QuerySet[Engagement]
    hidden: Mapping[UUID, str]
    _results: dict[Callable[..., Any], Any] = field(default_factory=dict)

    def once(self, read: Callable[[ShownRelationships], T]) -> T:
        """What `read` returns for these relationships; a second part of the page gets the same result."""
        if read not in self._results:
            self._results[read] = read(self)
        result: T = self._results[read]
        return result
