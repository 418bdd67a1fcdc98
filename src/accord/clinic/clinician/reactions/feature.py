"""Own reactions of clinicians, which are no part of a client's record."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import OF_NO_CLIENT
from accord.clinic.clinician.reactions import urls
from accord.clinic.policy import Action
from accord.clinic.web.feature import Feature, Link

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(Link("my-reactions", _("Own reactions"), Action.HOLD_REACTION),),
    audit_actions={
        "reaction.keep": OF_NO_CLIENT,
        "reaction.read": OF_NO_CLIENT,
        "reaction.share": OF_NO_CLIENT,
        "reaction.take_back": OF_NO_CLIENT,
    },
)
