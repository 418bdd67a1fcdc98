"""Episodes of care, and relationships that begin and end."""

from __future__ import annotations

from accord.clinic.audit.actions import ENTERED
from accord.clinic.programme.care import demo, urls
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "care_episode.begin": ENTERED,
        "care_episode.correct": ENTERED,
        "care_episode.end": ENTERED,
        "engagement.end": ENTERED,
    },
    demo=demo.fill,
)
