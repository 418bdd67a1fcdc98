"""The site's own pages and what is done to the site as a whole."""

from __future__ import annotations

from datetime import timedelta

from accord.clinic.audit import verify_when_due
from accord.clinic.audit.actions import OF_NO_CLIENT
from accord.clinic.site import mode, urls
from accord.clinic.web.feature import Feature
from accord.clinic.web.jobs import Job

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "page.refused": OF_NO_CLIENT,
        "site.read_only_on": OF_NO_CLIENT,
        "site.read_only_off": OF_NO_CLIENT,
        "backup.make": OF_NO_CLIENT,
        "backup.restore": OF_NO_CLIENT,
        "keys.new": OF_NO_CLIENT,
        "keys.rotate": OF_NO_CLIENT,
        "keys.retire": OF_NO_CLIENT,
    },
    jobs=(
        Job("audit-readings", timedelta(seconds=30), mode.take_in, here=True),
        Job(
            "verify-audit",
            timedelta(hours=1),
            verify_when_due.verify_if_due,
            limit=timedelta(hours=6),
        ),
    ),
)
