"""A page that was opened in the demonstration."""

from __future__ import annotations

from accord.clinic.audit import audit_reads
from accord.clinic.web.demonstration import Demonstration


def fill(demonstration: Demonstration) -> None:
    """The clinician opened the client's page, so that the client has somebody to read about."""
    audit_reads.client(client=demonstration.client, by=demonstration.clinician)
