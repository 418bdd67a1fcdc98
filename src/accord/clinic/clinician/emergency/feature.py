"""Opening a client's record in an emergency."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import OF_NO_CLIENT, ClientWords
from accord.clinic.clinician.emergency import urls
from accord.clinic.clinician.emergency.queries import unseen
from accord.clinic.policy import Action
from accord.clinic.web.feature import Feature, Link

REVIEWED = ClientWords(_("looked at why your record was opened in an emergency"), 80)

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(Link("break-glass-list", _("Emergencies"), Action.REVIEW_BREAK_GLASS, badge=unseen),),
    audit_actions={
        "break_glass.open": ClientWords(_("opened your record in an emergency, with a written reason"), 70),
        "break_glass.ask_in_vain": OF_NO_CLIENT,
        "break_glass.many": ClientWords(_("opened several records in an emergency within a day"), 75),
        "break_glass.review": REVIEWED,
        "break_glass.shown": REVIEWED,
    },
)
