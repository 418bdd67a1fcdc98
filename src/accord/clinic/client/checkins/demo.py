"""A form that waits in the demonstration."""

from __future__ import annotations

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.models import Engagement
from accord.clinic.web.demonstration import Demonstration


def fill(demonstration: Demonstration) -> None:
    """A form waits for the client, so that there is one to fill."""
    shared = Engagement.objects.get(client=demonstration.client, clinician=demonstration.clinician)
    checkins.ask(engagement=shared, day=demonstration.today, by=demonstration.clinician)
