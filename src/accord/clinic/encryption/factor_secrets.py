"""Secrets of second factors, sealed under the ring `text`: of an authenticator app and of recovery codes.

They lie in allauth's own table. Its hook gives the text alone, and not whose it is or which row it goes to;
so a secret is bound to that table and to being a secret, and not to an account. Anybody who can write to the
database could put one account's sealed secret into another's row, as they could remove the row.
"""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.db.models import QuerySet

from accord.clinic.encryption import envelope
from accord.clinic.encryption.envelope import CannotRead, Place
from accord.clinic.encryption.field import ring_of
from accord.clinic.encryption.rings import Ring, RingName

RING = RingName.TEXT
PLACE = Place(Authenticator._meta.db_table, UUID(int=0), "secret", client=None)
FIELDS = ("secret", "seed")  # of an app; of recovery codes


def seal(secret: str) -> str:
    """Raises `KeyProblem`; a secret that cannot be sealed is not stored."""
    return envelope.seal(secret, ring_of(RING), PLACE)


def opened(sealed: str) -> str:
    """Raises `CannotRead`, for clear text too, or `KeyProblem`: without its secret no code is right."""
    return envelope.unseal(sealed, ring_of(RING), PLACE)


def under_keys() -> Counter[str]:
    """Number of secrets by the id of their key; before its first migration a database has none."""
    if PLACE.table not in connection.introspection.table_names():
        return Counter()
    rows = _factors().values_list("data", flat=True)
    return Counter(_key_of(data[field]) for data in rows for field in FIELDS if field in data)


def _key_of(sealed: str) -> str:
    try:
        return envelope.key_of(sealed)
    except CannotRead:
        return ""


def rotate(ring: Ring) -> tuple[int, list[str]]:
    """Moves every secret to the current key: the number moved, and the places of those that do not open."""
    moved, unreadable = 0, list[str]()
    if PLACE.table in connection.introspection.table_names():
        for pk in list(_factors().values_list("pk", flat=True)):
            try:
                moved += _move(pk, ring)
            except CannotRead as reason:
                unreadable.append(f"the secret of {PLACE.table} {pk}: {reason}")
    return moved, unreadable


def _factors() -> QuerySet[Authenticator]:
    factors: QuerySet[Authenticator] = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
    return factors.order_by("pk")


@transaction.atomic
def _move(pk: int, ring: Ring) -> int:
    # Read anew and held: using up a recovery code writes the same column.
    factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
    held = {field: factor.data[field] for field in FIELDS if field in factor.data} if factor else {}
    new = {
        field: envelope.reseal(sealed, ring, PLACE)
        for field, sealed in held.items()
        if envelope.key_of(sealed) != ring.current
    }
    if factor and new:
        factor.data = {**factor.data, **new}
        factor.save(update_fields=["data"])
    return len(new)
