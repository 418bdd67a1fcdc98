"""What a client's answers may be used for, and who sees what is computed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import ENTERED, ClientWords
from accord.clinic.client.consents import demo
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    audit_actions={
        "consent.choose": ENTERED,
        "feedback_mode.set": ENTERED,
        "picture.open": ClientWords(_("opened your picture, to look at it together with you"), 105),
    },
    demo=demo.fill,
)
