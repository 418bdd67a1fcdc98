"""Who opened and changed what, for auditors."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import ClientWords
from accord.clinic.policy import Action
from accord.clinic.programme.audit_log import urls
from accord.clinic.web.feature import Feature, Link

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(Link("audit-log", _("Who opened what"), Action.READ_AUDIT),),
    audit_actions={"audit.shown": ClientWords(_("checked who opened your record"), 165)},
)
