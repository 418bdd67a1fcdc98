"""Logging contacts."""

from __future__ import annotations

from accord.clinic.audit.actions import ENTERED
from accord.clinic.clinician.contacts import demo, urls
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "contact.record": ENTERED,
        "contact.report": ENTERED,
    },
    demo=demo.fill,
)
