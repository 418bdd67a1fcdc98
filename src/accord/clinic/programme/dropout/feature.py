"""Estimates of who may be leaving."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import ENTERED, OF_NO_CLIENT
from accord.clinic.facts.changed import ASSESS
from accord.clinic.monitoring import dropout
from accord.clinic.policy import Action
from accord.clinic.programme.dropout import urls
from accord.clinic.web.feature import Feature, Link
from accord.clinic.web.jobs import Job

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(Link("leaving", _("Leaving early"), Action.SEE_ESTIMATES_REPORT),),
    audit_actions={
        "organisation.define_leaving": OF_NO_CLIENT,
        "leaving.refit": OF_NO_CLIENT,
        "leaving.estimate": ENTERED,
        "leaving.reach_out": ENTERED,
    },
    jobs=(
        Job(
            "estimates", timedelta(minutes=10), dropout.refresh_due, limit=timedelta(hours=1), after=(ASSESS,)
        ),
    ),
)
