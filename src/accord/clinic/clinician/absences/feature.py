"""Absences that clients announce ahead."""

from __future__ import annotations

from accord.clinic.audit.actions import ENTERED
from accord.clinic.clinician.absences import urls
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={"absence.announce": ENTERED, "absence.take_back": ENTERED},
)
