"""The false-flag budget."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import OF_NO_CLIENT
from accord.clinic.policy import Action
from accord.clinic.programme.alarm_budget import urls
from accord.clinic.web.feature import Feature, Link

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(Link("noticing", _("Flag settings"), Action.SET_LINE),),
    audit_actions={
        "organisation.set_budget": OF_NO_CLIENT,
    },
)
