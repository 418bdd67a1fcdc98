"""Lines in a client's own words, shared when they wish."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import ENTERED, ClientWords
from accord.clinic.client.own_notes import urls
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "line.share": ENTERED,
        "line.read": ClientWords(_("read a line that you wrote and shared"), 100),
    },
)
