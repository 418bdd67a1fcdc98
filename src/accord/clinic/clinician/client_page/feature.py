"""The page about a client, and what was agreed with them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import ClientWords
from accord.clinic.clinician.client_page import demo, urls
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "client.read": ClientWords(_("opened your page"), 90),
        "agreements.read": ClientWords(_("looked at what your answers may be used for"), 110),
    },
    demo=demo.fill,
)
