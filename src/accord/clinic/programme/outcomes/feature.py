"""Outcomes of the programme."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import OF_NO_CLIENT
from accord.clinic.facts.changed import ASSESS
from accord.clinic.policy import Action
from accord.clinic.programme.outcomes import actions, urls
from accord.clinic.web.feature import Feature, Link
from accord.clinic.web.jobs import Job

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(Link("overview", _("Outcomes"), Action.SEE_OVERVIEW, frozenset({"overview-alarms"})),),
    audit_actions={
        "overview.make": OF_NO_CLIENT,
    },
    jobs=(Job("overviews", timedelta(hours=1), actions.make_due, limit=timedelta(hours=1), after=(ASSESS,)),),
)
