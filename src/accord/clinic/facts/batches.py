"""The imports of an organisation, for its programme lead."""

from __future__ import annotations

from django.db.models import QuerySet

from accord.clinic.models import ImportBatch, Person
from accord.clinic.policy import Action, check


def batches(viewer: Person) -> QuerySet[ImportBatch]:
    """Newest first. Raises `Denied` for anybody who is not the organisation's lead."""
    check(viewer, Action.IMPORT, viewer.organisation)
    rows = ImportBatch.objects.filter(organisation=viewer.organisation_id)
    return rows.select_related("by", "undone_by").order_by("-created_at")
