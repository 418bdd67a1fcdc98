"""Forms about the work together, filled by clients and by clinicians."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import ENTERED, ClientWords
from accord.clinic.client.checkins import demo, urls
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "checkin.ask": ENTERED,
        "checkin.submit": ENTERED,
        "checkin.withdraw_links": ClientWords(_("took back links to a form"), 155),
        "form.read": ClientWords(_("opened a form about your work together"), 160),
    },
    demo=demo.fill,
)
