"""The chain of audit events: each carries a digest of all its columns, the digest before it among them.

Changing, removing, adding or moving an event therefore breaks the chain at that place. Cutting off its end,
or making the whole of it anew, is seen against a head that was written down somewhere else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Model

BEGINNING = "0" * 64  # the digest before the first event
OWN = "digest"


def columns(event: Model) -> dict[str, Any]:
    """Every column of an event but its own digest, whatever columns there are."""
    named = (field.attname for field in event._meta.concrete_fields)
    return {name: getattr(event, name) for name in named if name != OWN}


def digest(columns_by_name: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of columns by name. NULL is left out, so that a column added later changes nothing."""
    plain = {name: _plain(value) for name, value in columns_by_name.items() if value is not None}
    return sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A value in a form that does not depend on the database."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
