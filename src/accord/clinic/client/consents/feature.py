"""What a client's answers may be used for, and who sees what is computed."""

from __future__ import annotations

from accord.clinic.audit.actions import ENTERED
from accord.clinic.client.consents import demo
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    audit_actions={
        "consent.choose": ENTERED,
        "feedback_mode.set": ENTERED,
    },
    demo=demo.fill,
)
