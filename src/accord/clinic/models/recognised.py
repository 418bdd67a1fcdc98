"""How people of files are recognised: codes confirmed for a source, and what recognises a client besides."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from accord.clinic.models.fact import Fact
from accord.clinic.models.person import Person
from accord.clinic.models.record_path import RecordPath


class ConfirmedCode(Fact):
    """Whom a code of a source means, as somebody confirmed; the source is the batch's. The newest holds."""

    record_path = RecordPath()

    batch = models.ForeignKey("clinic.ImportBatch", on_delete=models.PROTECT, related_name="confirmed_codes")
    kind = models.CharField(max_length=10, choices=Person.Kind.choices)
    code = models.CharField(max_length=200)  # as the file has it
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="confirmed_codes")

    class Meta:
        constraints = [
            models.UniqueConstraint("batch", "kind", "code", name="confirmed_code_once_in_a_batch")
        ]


class PersonCheck(Fact):
    """What recognises a client besides the code: initials and year of birth, or the day of the first contact.

    The words are sealed. The newest holds.
    """

    record_path = RecordPath(client="person")

    CHECK = "check"  # the sealed field

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="checks")
    batch = models.ForeignKey("clinic.ImportBatch", on_delete=models.PROTECT, related_name="person_checks")
    made_at = models.DateTimeField()

    @property
    def sealed_client(self) -> UUID:
        client_id: UUID = self.person_id
        return client_id

    @property
    def sealed_owner(self) -> None:
        return None
