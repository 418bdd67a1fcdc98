"""Outcomes of the programme."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import OF_NO_CLIENT
from accord.clinic.policy import Action
from accord.clinic.programme.outcomes import urls
from accord.clinic.web.feature import Feature, Link

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(Link("overview", _("Outcomes"), Action.SEE_OVERVIEW, frozenset({"overview-alarms"})),),
    audit_actions={
        "overview.make": OF_NO_CLIENT,
    },
)
