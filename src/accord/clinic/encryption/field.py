"""Columns of sealed content: what is clear goes in and out by the row's attribute, and nowhere else."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from accord.clinic.encryption import rings
from accord.clinic.encryption.envelope import Place, seal, seal_bytes, unseal, unseal_bytes
from accord.clinic.encryption.rings import Ring, RingName


class Ciphertext(str):
    """A sealed text as the database holds it."""

    __slots__ = ()


class Words(str):
    """Opened clear text. It shows on a page, but not in the representation of an object."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<words>"


def ring_of(name: RingName) -> Ring:
    """A ring of this site. Raises `KeyProblem`."""
    return rings.load(settings.ACCORD.folder, name)


class _Opened(DeferredAttribute):
    """Opens on every reading and keeps nothing: a row that is pickled or shown holds ciphertext only."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        field: Any = self.field
        return field.opened(value, instance) if isinstance(value, Ciphertext) else value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(models.TextField):  # type: ignore[type-arg]  # generic in the stubs only
    """Text sealed under a ring and bound to the row's `place`. No query may look into it."""

    descriptor_class = _Opened

    def __init__(self, *args: Any, ring: RingName | str, **kwargs: Any) -> None:
        self.ring = RingName(ring)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "ring": self.ring.value}

    def opened(self, sealed: Ciphertext, row: Any) -> Any:
        """The clear text as `Words`. Raises `CannotRead` or `KeyProblem`."""
        place: Place = row.place
        return Words(unseal(sealed, ring_of(self.ring), place))

    def sealed(self, value: Any, row: Any) -> str:
        """Raises `KeyProblem`."""
        return seal(value, ring_of(self.ring), row.place)

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        value = model_instance.__dict__[self.attname]
        if not isinstance(value, Ciphertext):
            value = Ciphertext(self.sealed(value, model_instance))
            model_instance.__dict__[self.attname] = value
        return value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return value if value is None else Ciphertext(value)

    def get_prep_value(self, value: Any) -> Any:
        if not isinstance(value, Ciphertext):
            raise FieldError(
                f"{self.name} holds sealed text: found clear text, expected to save it with its row"
            )
        return str(value)

    def get_lookup(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} holds sealed text: no query can look into it (found “{lookup_name}”)")

    def value_from_object(self, obj: Any) -> Any:
        return obj.__dict__[self.attname]

    def value_to_string(self, obj: Any) -> str:
        return str(self.value_from_object(obj))


class SealedBytesField(SealedField):
    """The content of a file under a ring, as `bytes`."""

    def opened(self, sealed: Ciphertext, row: Any) -> bytes:
        """Raises `CannotRead` or `KeyProblem`."""
        return unseal_bytes(sealed, ring_of(self.ring), row.place)

    def sealed(self, value: bytes, row: Any) -> str:
        return seal_bytes(value, ring_of(self.ring), row.place)
