"""Handover of the caseload of staff who leave."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import OF_NO_CLIENT, ClientWords
from accord.clinic.programme.handover import urls
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "caseload.read": ClientWords(_("saw your name among those whom one of the staff works with"), 130),
        "person.leave": OF_NO_CLIENT,
    },
)
