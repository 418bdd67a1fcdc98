"""Groups, their leaders and members."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import OF_NO_CLIENT, ClientWords
from accord.clinic.programme.groups import demo, urls
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "group.add": OF_NO_CLIENT,
        "group.read": ClientWords(_("saw your name on the page of a group"), 120),
        "group_leader.add": OF_NO_CLIENT,
        "group_leader.end": OF_NO_CLIENT,
    },
    demo=demo.fill,
)
