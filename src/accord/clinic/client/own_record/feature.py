"""A client's own answers, and who opened their record."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import ClientWords
from accord.clinic.client.own_record import urls
from accord.clinic.web.feature import Feature

# Written for the client's own reading, which the page of who else opened the record leaves out.
OWN = ClientWords(_("looked at what you answered, or took a copy"), 200)

FEATURE = Feature(
    urls=urls.urlpatterns,
    audit_actions={
        "own_answers.read": OWN,
        "own_answers.take_away": OWN,
    },
)
