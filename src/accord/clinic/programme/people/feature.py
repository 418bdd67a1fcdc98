"""People, their roles, teams and sign-ins."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import ENTERED, OF_NO_CLIENT, ClientWords
from accord.clinic.policy import Action
from accord.clinic.programme.people import urls
from accord.clinic.web.feature import Feature, Link

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(
        Link("people", _("Programme"), Action.ADMINISTER, frozenset({"person", "teams", "groups", "group"})),
    ),
    audit_actions={
        "organisation.set_up": OF_NO_CLIENT,
        "people.shown": ClientWords(_("saw your name on the list of people here"), 140),
        "person.read": ClientWords(_("opened your entry among the people here, without any answers"), 150),
        "person.add": ENTERED,
        "person.rename": ENTERED,
        "team.add": OF_NO_CLIENT,
        "team.rename": OF_NO_CLIENT,
        "membership.add": OF_NO_CLIENT,
        "membership.end": OF_NO_CLIENT,
        "engagement.add": ENTERED,
        "account.add": ENTERED,
    },
)
