"""Logging contacts."""

from __future__ import annotations

from accord.clinic.audit.actions import ENTERED
from accord.clinic.clinician.contacts import demo, lanes, urls
from accord.clinic.web.feature import Feature
from accord.clinic.web.lanes import TimelineLane

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "contact.record": ENTERED,
        "contact.report": ENTERED,
    },
    lanes=(TimelineLane(20, lanes.contacts),),
    demo=demo.fill,
)
