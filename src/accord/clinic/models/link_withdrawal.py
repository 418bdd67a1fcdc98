"""Links to forms about a contact that were taken back: those made until then open nothing any more."""

from __future__ import annotations

from django.db import models

from accord.clinic.models.fact import Fact
from accord.clinic.models.record_path import RecordPath


class LinkWithdrawal(Fact):
    record_path = RecordPath(engagement="contact__engagement")

    contact = models.ForeignKey("clinic.Contact", on_delete=models.PROTECT, related_name="link_withdrawals")
    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
