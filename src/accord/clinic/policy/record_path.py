"""Record paths as models declare them. Nobody may touch a row whose model declares none."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from accord.clinic import models
from accord.clinic.models.record_path import RecordPath


def record_path_of(model: type[Model]) -> RecordPath:
    """Raises `LookupError` for a model without a declaration of its own: none is inherited."""
    declared = vars(model).get("record_path")
    if not isinstance(declared, RecordPath):
        raise LookupError(
            f"found no record_path on {model.__name__}, expected `record_path = RecordPath(...)` in its class"
        )
    return declared


def organisation_of(row: Model) -> Any:
    return row.pk if isinstance(row, models.Organisation) else getattr(row, "organisation_id", None)
