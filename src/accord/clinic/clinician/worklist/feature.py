"""The clinician's list of the day, and what is done about a flag."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import ENTERED, OF_NO_CLIENT, ClientWords
from accord.clinic.clinician.worklist import demo, urls
from accord.clinic.policy import Action
from accord.clinic.web.feature import Feature, Link

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(Link("worklist", _("Worklist"), Action.SEE_WORKLIST),),
    audit_actions={
        "worklist.read": OF_NO_CLIENT,
        "worklist.shown": ClientWords(_("saw your name on their list of the day"), 190),
        "flag.raise": ENTERED,
        "flag.withdraw": ENTERED,
        "flag.respond": ENTERED,
        "flag.hand_over": ENTERED,
    },
    demo=demo.fill,
)
