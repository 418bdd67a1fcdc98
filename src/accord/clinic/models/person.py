"""Somebody the record is about, or who works with them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.record_path import RecordPath
from accord.clinic.models.row import Row


class Person(Row):
    record_path = RecordPath(client="pk")

    class Kind(models.TextChoices):
        CLIENT = "client", _("client")
        STAFF = "staff", _("staff")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    code = models.CharField(max_length=200)  # how files name this person
    name = models.CharField(max_length=200)
    account = models.OneToOneField(
        "clinic.Account", null=True, blank=True, on_delete=models.PROTECT, related_name="person"
    )
    batch = models.ForeignKey(
        "clinic.ImportBatch", null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )

    class Meta:
        constraints = [models.UniqueConstraint("organisation", "kind", "code", name="person_code_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_client(self) -> bool:
        return self.kind == self.Kind.CLIENT

    @property
    def is_staff(self) -> bool:
        return self.kind == self.Kind.STAFF
