"""Ids as one parameter of a statement, however many they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Expression, UUIDField


class Among(Expression):
    """The right side of `column__in`. Django would write a parameter for each id, and each takes its time."""

    def __init__(self, ids: Iterable[UUID]) -> None:
        super().__init__(output_field=UUIDField())
        self.ids = tuple(ids)

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, list[Any]]:
        return "(SELECT value FROM json_each(%s))", [json.dumps([pk.hex for pk in self.ids])]

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, list[Any]]:
        return "(SELECT unnest(%s::uuid[]))", [list(self.ids)]
