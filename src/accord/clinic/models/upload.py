"""A file between its upload and its import, sealed: any server of the database can show and import it.

It waits for a day at most and is in no backup: the person who uploaded it still has it. Its name, and what
the form said about it, travel in a signed token and are not stored here.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models

from accord.clinic.encryption.envelope import Place
from accord.clinic.encryption.field import Ciphertext, SealedBytesField
from accord.clinic.encryption.rings import RingName
from accord.clinic.models.record_path import RecordPath
from accord.clinic.models.row import Row


class UploadedFile(Row):
    record_path = RecordPath(author="by")

    RING: ClassVar[RingName] = RingName.TEXT

    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    content = SealedBytesField(ring=RING)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["made_at"], name="uploaded_file_made_at")]

    @property
    def place(self) -> Place:
        """What the content is bound to: under another row or another uploader it does not open."""
        by_id: UUID = self.by_id
        return Place(self._meta.db_table, self.pk, "content", client=None, owner=by_id)

    @property
    def stored(self) -> Ciphertext:
        """The content as the database holds it."""
        sealed: Ciphertext = self.__dict__["content"]
        return sealed

    def rewrap(self, sealed: Ciphertext) -> bool:
        """Puts the same content under another key. False where it is gone, or somebody else did so before."""
        same = UploadedFile.objects.filter(pk=self.pk)
        return same.update(content=sealed) == 1
