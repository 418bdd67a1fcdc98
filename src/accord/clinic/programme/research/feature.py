"""Export of the record for research, without names."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import ClientWords
from accord.clinic.web.feature import Feature

FEATURE = Feature(
    audit_actions={
        "export.research": ClientWords(
            _("took your answers out for research, without your name or exact dates"), 10
        ),
    },
)
