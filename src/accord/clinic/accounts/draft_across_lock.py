"""The draft of a page that locked meanwhile: carried sealed inside the locked page until it is unlocked.

Nothing is stored here. The page carries the sealed text, which only this very sign-in can open.
"""

from __future__ import annotations

import base64
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

NONCE = 12  # bytes
LEFT_OUT = {"csrfmiddlewaretoken"}
Field = tuple[str, str]


def seal(request: HttpRequest) -> str:
    """Seal the address and the fields of a request."""
    fields = [
        (name, value) for name, values in request.POST.lists() if name not in LEFT_OUT for value in values
    ]
    nonce = secrets.token_bytes(NONCE)
    plaintext = json.dumps([request.get_full_path(), fields]).encode()
    return base64.urlsafe_b64encode(nonce + _lock(request).encrypt(nonce, plaintext, None)).decode()


def unseal(request: HttpRequest, sealed: str) -> tuple[str, list[Field]] | None:
    """Address and fields that `seal` sealed in this sign-in; None for anything else."""
    try:
        raw = base64.urlsafe_b64decode(sealed.encode("ascii"))
        address, fields = json.loads(_lock(request).decrypt(raw[:NONCE], raw[NONCE:], None))
    except (InvalidTag, ValueError):
        return None
    return address, [(name, value) for name, value in fields]


def _lock(request: HttpRequest) -> AESGCM:
    key = salted_hmac("accord.clinic.held", request.session.session_key or "", algorithm="sha256")
    return AESGCM(key.digest())
