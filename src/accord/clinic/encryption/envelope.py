"""Sealing one text or file: AES-256-GCM with a random nonce, bound to the place that the text belongs to.

A sealed text reads `a1.KEY.BODY`: the version of this form, the id of the key, and in base64 the nonce of
96 bits, the ciphertext and its tag. What it is bound to is authenticated and not stored with it: moved to
another row, table, field, client or author it does not open (NIST SP 800-38D; McGrew and Viega, 2004).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accord.clinic.encryption.rings import Ring

VERSION = "a1"
NONCE_BYTES = 12
PAD_TO = 256  # bytes: the length of a sealed text says little about what was written


class CannotRead(Exception):
    """A sealed text that does not open; the reason names no content."""


@dataclass(frozen=True)
class Place:
    """The place a text is bound to: table, row, field, the record's client, and the author if private."""

    table: str
    row: UUID
    field: str
    client: UUID | None
    owner: UUID | None = None


def seal(text: str, ring: Ring, place: Place) -> str:
    """The text under the current key of a ring, bound to its place."""
    return seal_bytes(text.encode(), ring, place)


def seal_bytes(clear: bytes, ring: Ring, place: Place) -> str:
    """As `seal`, for the content of a file."""
    key, nonce = ring.sealing, os.urandom(NONCE_BYTES)
    body = AESGCM(key.secret).encrypt(nonce, _padded(clear), _bound(ring, key.id, place))
    return f"{VERSION}.{key.id}.{base64.b64encode(nonce + body).decode()}"


def unseal(sealed: str, ring: Ring, place: Place) -> str:
    """The text again. Raises `CannotRead` unless key, ring, place and every byte are as they were."""
    return unseal_bytes(sealed, ring, place).decode()


def unseal_bytes(sealed: str, ring: Ring, place: Place) -> bytes:
    """As `unseal`, for the content of a file."""
    key_id, body = _parts(sealed)
    if key_id not in ring.keys:
        raise CannotRead(f"the ring “{ring.name}” holds no key {key_id}")
    try:
        clear = AESGCM(ring.keys[key_id].secret).decrypt(
            body[:NONCE_BYTES], body[NONCE_BYTES:], _bound(ring, key_id, place)
        )
    except InvalidTag:
        raise CannotRead("it was changed, or belongs to another place") from None
    return clear[: clear.rindex(b"\x80")]


def reseal(sealed: str, ring: Ring, place: Place) -> str:
    """The same text or file under the current key, opened again to be sure. Raises `CannotRead`."""
    clear = unseal_bytes(sealed, ring, place)
    new = seal_bytes(clear, ring, place)
    if unseal_bytes(new, ring, place) != clear:
        raise CannotRead("it did not come back the same under the current key")
    return new


def key_of(sealed: str) -> str:
    """The id of the key that a text is sealed under. Raises `CannotRead` if it is not a sealed text."""
    return _parts(sealed)[0]


def _parts(sealed: str) -> tuple[str, bytes]:
    try:
        version, key_id, body = sealed.split(".")
        raw = base64.b64decode(body, validate=True)
    except (ValueError, binascii.Error):
        raise CannotRead("it is not in the form of a sealed text") from None
    # Base64 can spell the same bytes in two ways; only the one that was written is taken.
    if base64.b64encode(raw).decode() != body:
        raise CannotRead("it is not spelled as a sealed text is")
    if version != VERSION or len(raw) <= NONCE_BYTES:
        raise CannotRead(f"it is of another form than {VERSION}")
    return key_id, raw


def _bound(ring: Ring, key_id: str, place: Place) -> bytes:
    ids = [str(part) if part else "" for part in (place.row, place.client, place.owner)]
    return json.dumps([VERSION, ring.name.value, key_id, place.table, place.field, *ids]).encode()


def _padded(clear: bytes) -> bytes:
    # ISO/IEC 7816-4: one byte 80, then zeros up to the next full block.
    return (clear + b"\x80").ljust(-(-(len(clear) + 1) // PAD_TO) * PAD_TO, b"\0")
