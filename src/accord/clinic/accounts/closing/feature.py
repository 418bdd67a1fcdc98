"""Closing a sign-in at once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.accounts.closing import urls
from accord.clinic.audit.actions import ClientWords
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "account.stop": ClientWords(_("closed your sign-in"), 66),
        "sign_in.ask_to_close": ClientWords(_("asked that your sign-in be closed"), 67),
        "sign_in.keep_open": ClientWords(_("decided that your sign-in stays open"), 68),
    },
)
